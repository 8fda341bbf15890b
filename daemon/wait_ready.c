#include "wait_ready.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "configuration.h"
#include "fetch.h"
#include "stop.h"

enum { TIMEOUT_S = 60, POLL_MS = 50, ASK_MS = 2000, ANSWER_MAX = 4096 };

static bool ask(
    const struct fetcher *fetcher, const char *url, int64_t deadline_ms, struct err *why)
{
	struct fetch_request request = {
	    .method = "GET",
	    .url = url,
	    .deadline_ms = clock_within_ms(ASK_MS, deadline_ms),
	    .max_body = ANSWER_MAX,
	};
	struct fetch_reply reply = {};
	bool ready;
	int r;

	r = fetch(fetcher, &request, &reply, why);
	if (r == -ECONNREFUSED)
		err_set(
		    why, r, "nobody listens at %s: is the daemon running, with this --admin?", url);
	if (r < 0)
		return false;
	ready = reply.status == 200;
	if (!ready)
		err_set(why, 0, "%.*s", (int)strcspn(str_text(&reply.body), "\n"),
		    str_text(&reply.body));
	fetch_reply_finish(&reply);
	return ready;
}

/* Until the deadline: why it is not ready, or true. */
static bool poll_ready(const char *url, int64_t deadline_ms, struct err *why)
{
	struct stop stop = {.fd = -1};
	struct fetcher fetcher = {.stop = &stop};
	bool ready = false;

	if (stop_init(&stop) < 0)
		return err_set(why, false, "no descriptor is left");
	for (;;) {
		ready = ask(&fetcher, url, deadline_ms, why);
		/* An attempt without time would hide the reason that the last one found. */
		if (ready || clock_left_ms(deadline_ms) <= 2 * POLL_MS)
			break;
		stop_sleep(&stop, POLL_MS);
	}
	stop_finish(&stop);
	return ready;
}

enum exit_code wait_ready(const struct options *options)
{
	unsigned timeout_s = options->timeout_s ? options->timeout_s : TIMEOUT_S;
	int64_t deadline_ms = clock_mono_ms() + (int64_t)timeout_s * 1000;
	_cleanup_(freep) char *admin = NULL;
	_cleanup_str_ struct str url = {};
	struct err why = {.text = "out of memory"};
	enum exit_code code;

	code = configuration_find_admin(options, &admin);
	if (code != EXIT_CODE_DONE)
		return code;
	if (str_appendf(&url, "http://%s/readyz", admin) == 0 &&
	    poll_ready(str_text(&url), deadline_ms, &why))
		return EXIT_CODE_DONE;
	fprintf(stderr, "ecr-upsertd: not ready after %u s: %s\n", timeout_s, why.text);
	return EXIT_CODE_FAILED;
}

#include "show_status.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "configuration.h"
#include "fetch.h"
#include "status_text.h"
#include "stop.h"

enum {
	ASK_MS = 10 * 1000,
	/* 2,000 transfers and 1,000 refusals, a kilobyte each, take 3 MiB. */
	ANSWER_MAX = 8 * 1024 * 1024,
};

static int ask(const char *url, struct str *ret, struct err *why)
{
	_cleanup_(fetch_reply_finish) struct fetch_reply reply = {};
	struct stop stop = {.fd = -1};
	const struct fetcher fetcher = {.stop = &stop};
	const struct fetch_request request = {
	    .method = "GET",
	    .url = url,
	    .deadline_ms = clock_mono_ms() + ASK_MS,
	    .max_body = ANSWER_MAX,
	};
	int r;

	r = stop_init(&stop);
	if (r < 0)
		return err_set(why, r, "no descriptor is left");
	r = fetch(&fetcher, &request, &reply, why);
	stop_finish(&stop);
	if (r == -ECONNREFUSED)
		return err_set(why, r, "nobody listens there; is the daemon running?");
	if (r < 0)
		return r;
	if (reply.status != 200)
		return err_set(why, -1, "%s answers %u: %.*s", url, reply.status,
		    (int)strcspn(str_text(&reply.body), "\n"), str_text(&reply.body));
	*ret = reply.body;
	reply.body = (struct str){};
	return 0;
}

static int show(const struct options *options, const struct str *answer, struct err *why)
{
	_cleanup_(json_freep) struct json *status = NULL;
	_cleanup_str_ struct str text = {};
	int r;

	r = json_parse(str_text(answer), answer->len, &status, why);
	if (r == 0)
		r = status_text_write(status, clock_wall_s(), &text);
	if (r < 0)
		return err_set(why, r, "what answers is no ecr-upsertd of this version");
	if (options->json)
		puts(str_text(answer));
	else
		fputs(str_text(&text), stdout);
	return 0;
}

enum exit_code show_status(const struct options *options)
{
	_cleanup_(freep) char *admin = NULL;
	_cleanup_str_ struct str url = {}, answer = {};
	struct err why = {.text = "out of memory"};
	enum exit_code code;

	code = configuration_find_admin(options, &admin);
	if (code != EXIT_CODE_DONE)
		return code;
	if (str_appendf(&url, "http://%s/status", admin) == 0 &&
	    ask(str_text(&url), &answer, &why) == 0 && show(options, &answer, &why) == 0)
		return EXIT_CODE_DONE;
	fprintf(stderr, "ecr-upsertd: no status from %s: %s\n", admin, why.text);
	return EXIT_CODE_FAILED;
}

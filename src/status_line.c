#include "status_line.h"

#include "log.h"
#include "timefmt.h"

enum { SHOWN_MAX = 3 }; /* a line is read at a glance; `ecr-upsertd status` shows all */

struct line {
	struct str text;
	size_t registries;
};

static int add_registry(
    void *userdata, const struct registry *registry, int64_t expires_s, const char *last_error)
{
	struct line *line = userdata;
	char time[TIME_ISO_SIZE];

	if (++line->registries > SHOWN_MAX)
		return 0;
	if (expires_s == 0)
		return str_appendf(&line->text, "; %s: no token: %s", registry->host,
		    last_error ? last_error : "not fetched yet");
	/* "2026-01-02T03:04:05.000Z" as "2026-01-02 03:04 UTC". */
	time_format_iso(expires_s * 1000, time);
	return str_appendf(
	    &line->text, "; %s: token until %.10s %.5s UTC", registry->host, time, time + 11);
}

static int compose(const struct status_context *context, struct line *line)
{
	size_t transfers = live_len(context->live);
	int r;

	r = str_appendf(&line->text, "%s; %zu transfer%s",
	    status_ready(context, NULL) ? "ready" : "NOT READY", transfers,
	    transfers == 1 ? "" : "s");
	if (r == 0)
		r = ecr_token_cache_each(context->tokens, add_registry, line);
	if (r == 0 && line->registries > SHOWN_MAX)
		r = str_appendf(&line->text, "; %zu more registries", line->registries - SHOWN_MAX);
	return r;
}

int status_line_write(const struct status_context *context, struct str *ret)
{
	struct line line = {};
	int r;

	r = compose(context, &line);
	/* An error may hold what the other side sent; a new line would be a message of its own. */
	if (r == 0)
		r = log_escape(ret, str_text(&line.text));
	str_finish(&line.text);
	return r;
}

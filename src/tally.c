#include "tally.h"

#include "clock.h"

void tally_in(struct exchange *x, size_t len)
{
	x->access.bytes_in += len;
	live_count(&x->live, x->access.bytes_in);
	metrics_in(x->context->metrics, len);
}

void tally_out(struct exchange *x, size_t len)
{
	x->access.bytes_out += len;
	live_count(&x->live, x->access.bytes_out);
	metrics_out(x->context->metrics, len);
}

/* Of our own making or the registry's: a client that left is neither's. */
static bool has_failed(const struct exchange *x, enum http_end how)
{
	return how != HTTP_END_CLIENT_LEFT && (x->access.status >= 500 || x->refusal.status >= 500);
}

static void write_line(const struct exchange *x)
{
	_cleanup_str_ struct str line = {};

	if (log_enabled(LOG_LEVEL_INFO) &&
	    access_write(&x->access, log_current_format(), &line) == 0)
		log_write_raw(str_text(&line));
}

void tally_end(struct exchange *x, enum http_end how)
{
	static const char *const reasons[] = {
	    [HTTP_END_SENT] = "ok",
	    [HTTP_END_CLIENT_LEFT] = "client-left",
	    [HTTP_END_TIMEOUT] = "client-stalled",
	    [HTTP_END_STOPPED] = "stopped",
	    [HTTP_END_ERROR] = "error",
	};
	int operation = x->access.operation ? (int)x->route.operation : METRICS_NO_OPERATION;

	if (!x->access.reason)
		x->access.reason = x->method || how != HTTP_END_SENT ? reasons[how] : "malformed";
	x->access.ms = clock_mono_ms() - x->access.ms;
	metrics_request(
	    x->context->metrics, operation, x->access.status, has_failed(x, how), x->access.ms);
	write_line(x);
}

#include "status.h"

#include <inttypes.h>

#include "aws_api.h"
#include "json.h"
#include "timefmt.h"

bool status_ready(const struct status_context *context, struct err *why)
{
	if (atomic_load(context->stopping))
		return err_set(why, false, "stopping");
	return ecr_token_cache_ready(context->tokens, why);
}

static int write_text(struct str *out, const char *name, const char *text)
{
	int r = str_appendf(out, ",\"%s\":", name);

	return r < 0 ? r : json_write_string_or_null(out, text);
}

/* 0: not known. */
static int write_time(struct str *out, const char *name, int64_t seconds)
{
	char text[TIME_ISO_SIZE];

	if (seconds == 0)
		return write_text(out, name, NULL);
	time_format_iso(seconds * 1000, text);
	return write_text(out, name, text);
}

static int write_identity(struct str *out, const struct credentials *credentials)
{
	_cleanup_str_ struct str text = {};
	int r = 0;

	if (!credentials)
		return write_text(out, "identity", NULL);
	if (!credentials->arn)
		r = str_appendf(&text, "%s %s", credentials->source, credentials->access_key_id);
	return r < 0 ? r : write_text(out, "identity", text.len ? text.data : credentials->arn);
}

struct registry_list {
	struct str *out;
	bool begun;
};

static int write_registry(
    void *userdata, const struct registry *registry, int64_t expires_s, const char *last_error)
{
	struct registry_list *list = userdata;
	_cleanup_(credentials_unrefp) struct credentials *credentials =
	    credential_chain_peek(aws_api_chain(registry->api));
	struct str *out = list->out;
	int r;

	r = str_append_text(out, list->begun ? ",{\"host\":" : "{\"host\":");
	list->begun = true;
	if (r == 0)
		r = json_write_string(out, registry->host);
	if (r == 0)
		r = write_identity(out, credentials);
	if (r == 0)
		r = write_time(out, "token_expires", expires_s);
	if (r == 0)
		r = write_time(out, "credentials_expire", credentials ? credentials->expires_s : 0);
	if (r == 0)
		r = write_text(out, "last_error", last_error);
	return r < 0 ? r : str_append_text(out, "}");
}

static int write_kept(const struct status_context *context, struct str *out)
{
	int r;

	r = str_append_text(out, ",\"created\":");
	if (r == 0)
		r = created_write_recent(context->created, out);
	if (r == 0)
		r = str_append_text(out, ",\"refused\":");
	if (r == 0)
		r = refusals_write(context->refusals, out);
	if (r == 0)
		r = str_append_text(out, ",\"pending\":");
	return r < 0 ? r : pending_write(context->pending, out);
}

static int write_budget(const struct status_context *context, int64_t time_ms, struct str *out)
{
	_cleanup_(serving_unrefp) struct serving *serving = serving_current(context->serving);

	return str_appendf(out, ",\"budget\":{\"max_per_hour\":%u,\"used\":%u}",
	    serving->config->max_per_hour, created_last_hour(context->created, time_ms));
}

static int write_history(
    const struct status_context *context, int64_t now_ms, int64_t time_ms, struct str *out)
{
	struct history_totals totals;
	int r;

	metrics_read(context->metrics, &totals);
	history_take(context->history, &totals, now_ms, time_ms);
	r = str_append_text(out, ",\"history\":");
	return r < 0 ? r : history_write(context->history, out);
}

int status_write(
    const struct status_context *context, int64_t now_ms, int64_t time_ms, struct str *ret)
{
	struct registry_list list = {.out = ret};
	struct err why = {};
	bool ready = status_ready(context, &why);
	int r;

	r = str_appendf(ret,
	    "{\"ready\":%s,\"version\":\"" ECR_UPSERTD_VERSION "\",\"uptime_s\":%" PRId64
	    ",\"registries\":[",
	    ready ? "true" : "false", (now_ms - context->started_ms) / 1000);
	if (r == 0)
		r = ecr_token_cache_each(context->tokens, write_registry, &list);
	if (r == 0)
		r = str_append_text(ret, "],\"transfers\":");
	if (r == 0)
		r = live_write(context->live, now_ms, ret);
	if (r == 0)
		r = write_kept(context, ret);
	if (r == 0)
		r = write_budget(context, time_ms, ret);
	if (r == 0)
		r = write_history(context, now_ms, time_ms, ret);
	if (r == 0)
		r = write_text(ret, "reason", ready ? NULL : why.text);
	return r < 0 ? r : str_append_text(ret, "}");
}

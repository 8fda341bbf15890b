#include "status_text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "log.h"
#include "timefmt.h"

enum { SHOWN_MAX = 10, SPAN_SIZE = 48 }; /* shown of a list: the first; the JSON has them all */

struct view {
	struct str *out;
	int64_t now_s;
	int error; /* the first one: what follows is dropped */
};

/* What a client named may hold anything, and steers no terminal here. */
__attribute__((format(printf, 2, 3))) static void line(struct view *view, const char *format, ...)
{
	_cleanup_(freep) char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0) {
		text = NULL;
		view->error = -ENOMEM;
	}
	va_end(args);
	if (view->error == 0)
		view->error = log_escape(view->out, text);
	if (view->error == 0)
		view->error = str_append_text(view->out, "\n");
}

static const char *text_or(const struct json *node, const char *name, const char *otherwise)
{
	const char *text = json_string(json_get(node, name));

	return text ? text : otherwise;
}

static const char *text_of(const struct json *node, const char *name)
{
	return text_or(node, name, "?");
}

static double number_of(const struct json *node, const char *name, double otherwise)
{
	return json_number(json_get(node, name), otherwise);
}

/* "2 d 3 h", "5 min 0 s", "7 s": the largest unit and the next. */
static const char *span(int64_t seconds, char ret[static SPAN_SIZE])
{
	static const struct {
		int64_t seconds;
		const char *name;
	} units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
	size_t i = 0;

	while (i < 3 && seconds < units[i].seconds)
		i++;
	if (i == 3)
		snprintf(ret, SPAN_SIZE, "%" PRId64 " s", seconds);
	else
		snprintf(ret, SPAN_SIZE, "%" PRId64 " %s %" PRId64 " %s",
		    seconds / units[i].seconds, units[i].name,
		    seconds % units[i].seconds / units[i + 1].seconds, units[i + 1].name);
	return ret;
}

static void show_expiry(struct view *view, const struct json *registry, const char *member,
    const char *label, const char *none)
{
	const char *time = text_or(registry, member, NULL);
	char left[SPAN_SIZE];
	int64_t expires_s;

	if (!time || time_parse_iso(time, &expires_s) < 0)
		line(view, "    %-12s %s", label, none);
	else if (expires_s <= view->now_s)
		line(view, "    %-12s EXPIRED at %s", label, time);
	else
		line(view, "    %-12s valid for %s", label, span(expires_s - view->now_s, left));
}

static void show_registry(struct view *view, const struct json *registry)
{
	const char *error = text_or(registry, "last_error", NULL);
	const char *identity = text_or(registry, "identity", NULL);

	line(view, "  %s", text_of(registry, "host"));
	line(view, "    %-12s %s", "identity", identity ? identity : "not known yet");
	if (identity)
		show_expiry(view, registry, "credentials_expire", "credentials", "do not expire");
	show_expiry(view, registry, "token_expires", "token", "NONE");
	if (error)
		line(view, "    %-12s %s", "LAST ERROR", error);
}

static void show_transfer(struct view *view, const struct json *transfer)
{
	double bytes = number_of(transfer, "bytes", 0), total = number_of(transfer, "total", -1);
	char since[SPAN_SIZE], of[SPAN_SIZE] = "";

	if (total >= 0)
		snprintf(of, sizeof(of), " of %.1f", total / 1e6);
	line(view, "  %s  %s  %.1f%s MB, for %s", text_of(transfer, "repository"),
	    text_of(transfer, "operation"), bytes / 1e6, of,
	    span((int64_t)number_of(transfer, "seconds", 0), since));
}

static const char *mutability_of(const struct json *settings)
{
	const char *said = text_of(settings, "imageTagMutability");

	if (!strcmp(said, "IMMUTABLE"))
		return "immutable tags";
	return strcmp(said, "MUTABLE") ? said : "mutable tags";
}

/* In a few words: the JSON has them all. */
static void show_settings(struct view *view, const struct json *settings)
{
	const struct json *encryption = json_get(settings, "encryptionConfiguration");
	const struct json *scan = json_get(settings, "imageScanningConfiguration");
	const struct json *tags = json_get(settings, "tags");
	char count[SPAN_SIZE] = "";

	if (tags)
		snprintf(count, sizeof(count), ", %zu tags", json_len(tags));
	line(view, "    %s, %s%s%s%s%s%s", mutability_of(settings),
	    json_bool(json_get(scan, "scanOnPush"), false) ? "scan on push" : "no scan",
	    encryption ? ", " : "", encryption ? text_of(encryption, "encryptionType") : "", count,
	    json_get(settings, "lifecycle_policy") ? ", lifecycle policy" : "",
	    json_get(settings, "repository_policy") ? ", repository policy" : "");
}

static void show_created(struct view *view, const struct json *one)
{
	line(view, "  %s  %s in %s, for %s by %s", text_of(one, "time"), text_of(one, "repository"),
	    text_of(one, "registry"), text_or(one, "user", "somebody"),
	    text_or(one, "rule", "no rule"));
	if (json_get(one, "settings"))
		show_settings(view, json_get(one, "settings"));
}

static void show_refused(struct view *view, const struct json *one)
{
	const char *registry = text_or(one, "registry", NULL);
	const char *remedy = text_or(one, "remedy", NULL);

	line(view, "  %s  %s%s%s: %s", text_of(one, "time"), text_of(one, "repository"),
	    registry ? " in " : "", registry ? registry : "", text_of(one, "reason"));
	if (remedy)
		line(view, "    what to do: %s", remedy);
}

static void show_pending(struct view *view, const struct json *one)
{
	line(view, "  %s in %s: %s, %.0f attempts%s%s", text_of(one, "repository"),
	    text_of(one, "registry"), text_of(one, "what"), number_of(one, "attempts", 0),
	    json_string(json_get(one, "last_error")) ? ", last error: " : "",
	    text_or(one, "last_error", ""));
}

static void show_list(struct view *view, const struct json *status, const char *member,
    const char *title, void (*show)(struct view *, const struct json *), size_t max)
{
	const struct json *list = json_get(status, member);
	size_t len = list ? json_len(list) : 0;

	if (len == 0)
		line(view, "%s: none", title);
	else
		line(view, "%s: %zu", title, len);
	for (size_t i = 0; i < len && i < max; i++)
		show(view, json_at(list, i));
	if (len > max)
		line(view, "  … and %zu more (see --json)", len - max);
}

int status_text_write(const struct json *status, int64_t now_s, struct str *ret)
{
	struct view view = {.out = ret, .now_s = now_s};
	const struct json *budget = json_get(status, "budget");
	const struct json *ready = json_get(status, "ready");
	const char *reason = text_or(status, "reason", NULL);
	char up[SPAN_SIZE];

	if (!ready || json_kind(ready) != JSON_BOOL)
		return -EBADMSG;
	line(&view, "%s: ecr-upsertd %s, up for %s",
	    json_bool(ready, false) ? "ready" : "NOT READY", text_of(status, "version"),
	    span((int64_t)number_of(status, "uptime_s", 0), up));
	if (reason)
		line(&view, "  %s", reason);
	show_list(&view, status, "registries", "registries", show_registry, SIZE_MAX);
	show_list(&view, status, "transfers", "transfers under way", show_transfer, SHOWN_MAX);
	show_list(&view, status, "created", "created, newest first", show_created, SHOWN_MAX);
	show_list(&view, status, "refused", "refused, newest first", show_refused, SHOWN_MAX);
	show_list(
	    &view, status, "pending", "still owed to new repositories", show_pending, SHOWN_MAX);
	line(&view, "budget: %.0f of %.0f creations in the last hour", number_of(budget, "used", 0),
	    number_of(budget, "max_per_hour", 0));
	return view.error;
}

#include "admin.h"

#include <errno.h>
#include <string.h>

#include "clock.h"
#include "may_connect.h"
#include "metrics_text.h"
#include "page.h"

struct visit {
	const struct admin_context *context;
	const struct headers *fields; /* of the request */
};

static void *on_open(void *userdata)
{
	struct visit *visit = calloc(1, sizeof(*visit));

	if (visit)
		visit->context = userdata;
	return visit;
}

/*
 * What a browser may do with any of it: show it, and nothing else (W3C CSP 3; Fetch,
 * "Cross-Origin-Resource-Policy"). Nothing is kept: what is shown is what is now.
 */
static const struct {
	const char *name, *value;
} fields[] = {
    {"Cache-Control", "no-store"},
    {"Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; "
				"img-src 'self'; connect-src 'self'; base-uri 'none'; "
				"form-action 'none'; frame-ancestors 'none'"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Referrer-Policy", "no-referrer"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
};

/* Without one of these is better than nothing: there is no one to tell that memory ran out. */
static void begin(struct http_answer *answer, unsigned status, const char *type)
{
	answer->status = status;
	headers_add(&answer->headers, "Content-Type", type);
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		headers_add(&answer->headers, fields[i].name, fields[i].value);
}

static void say(struct http_answer *answer, unsigned status, const char *text)
{
	begin(answer, status, "text/plain; charset=utf-8");
	str_appendf(&answer->body, "%s\n", text);
}

static void show_health(const struct visit *visit, struct http_answer *answer)
{
	say(answer, 200, "ok");
}

static void show_readiness(const struct visit *visit, struct http_answer *answer)
{
	struct err why = {};

	if (status_ready(&visit->context->status, &why))
		say(answer, 200, "ready");
	else
		say(answer, 503, why.text);
}

static void show_status(const struct visit *visit, struct http_answer *answer)
{
	_cleanup_str_ struct str text = {};

	if (status_write(&visit->context->status, clock_mono_ms(), clock_wall_ms(), &text) < 0) {
		say(answer, 503, "out of memory");
		return;
	}
	begin(answer, 200, "application/json");
	answer->body = text;
	text = (struct str){};
}

static void show_metrics(const struct visit *visit, struct http_answer *answer)
{
	enum metrics_form form = metrics_form_of(headers_get(visit->fields, "Accept"));
	_cleanup_str_ struct str text = {};

	if (metrics_text_write(&visit->context->status, form, &text) < 0) {
		say(answer, 503, "out of memory");
		return;
	}
	begin(answer, 200, metrics_form_type(form));
	answer->body = text;
	text = (struct str){};
}

static const struct {
	const char *path;
	void (*show)(const struct visit *visit, struct http_answer *answer);
} paths[] = {
    {"/healthz", show_health},
    {"/readyz", show_readiness},
    {"/metrics", show_metrics},
    {"/status", show_status},
};

static void show_file(const struct page_file *file, struct http_answer *answer)
{
	_cleanup_str_ struct str octets = {};

	if (str_append(&octets, file->octets, file->len) < 0) {
		say(answer, 503, "out of memory");
		return;
	}
	begin(answer, 200, file->type);
	answer->body = octets;
	octets = (struct str){};
}

static void show(const struct visit *visit, const char *path, struct http_answer *answer)
{
	const struct page_file *file = page_find(path);
	_cleanup_str_ struct str there = {};

	if (file) {
		show_file(file, answer);
		return;
	}
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		if (!strcmp(path, paths[i].path)) {
			paths[i].show(visit, answer);
			return;
		}
		str_appendf(&there, " %s", paths[i].path);
	}
	begin(answer, 404, "text/plain; charset=utf-8");
	str_appendf(&answer->body, "not found; there are /%s\n", str_text(&there));
}

/* The daemon's own user and root could read its memory: they may always look. */
static int check_user(const struct serving *serving, const uid_t *owner, struct oci_error *refusal)
{
	if (owner && (*owner == 0 || *owner == geteuid()))
		return 0;
	return may_connect(serving->config->allow_users, owner, refusal);
}

static bool on_head(void *object, const struct http_request *request, struct http_answer *answer)
{
	struct visit *visit = object;
	_cleanup_(serving_unrefp) struct serving *serving =
	    serving_current(visit->context->status.serving);
	struct gate_hosts hosts = visit->context->hosts;
	struct gate_request asked = {
	    .method = request->method,
	    .target = request->target,
	    .version = request->version,
	    .headers = request->headers,
	    .plain_head = request->plain_head,
	};
	struct gate_pass pass = {};
	struct oci_error refusal = {.status = 503, .message = "out of memory"};

	hosts.more = serving->hosts.more;
	if (gate_check(&asked, &hosts, &pass, &refusal) < 0) {
		say(answer, refusal.status, refusal.message);
		answer->close = true;
	} else if (check_user(serving, request->owner, &refusal) < 0) {
		say(answer, refusal.status, refusal.message);
	} else if (strcmp(request->method, "GET") && strcmp(request->method, "HEAD")) {
		say(answer, 405, "only GET and HEAD");
		headers_add(&answer->headers, "Allow", "GET, HEAD");
	} else {
		visit->fields = request->headers;
		pass.target[strcspn(pass.target, "?")] = '\0';
		show(visit, pass.target, answer);
	}
	free(pass.target);
	return true;
}

/* Never called: every head is answered, and nothing is pulled. */
static void on_body(void *object, const char *bytes, size_t len)
{
}

static void on_end(void *object, struct http_answer *answer)
{
}

static ssize_t on_read(void *object, char *buffer, size_t max)
{
	return -1;
}

static void on_done(void *object, enum http_end how)
{
	free(object);
}

struct http_handler admin_handler(const struct admin_context *context)
{
	return (struct http_handler){
	    .userdata = (void *)context,
	    .open = on_open,
	    .head = on_head,
	    .body = on_body,
	    .end = on_end,
	    .read = on_read,
	    .done = on_done,
	};
}

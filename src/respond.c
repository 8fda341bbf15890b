#include "respond.h"

#include <errno.h>
#include <string.h>

/* The distribution spec's own header for "this is a registry". */
#define API_VERSION_NAME  "Docker-Distribution-Api-Version"
#define API_VERSION_VALUE "registry/2.0"

static int add_rewritten(struct headers *headers, const struct route *route,
    const struct header *field, int (*rewrite)(const struct route *, const char *, char **))
{
	_cleanup_(freep) char *value = NULL;
	int r;

	r = rewrite(route, field->value, &value);
	if (r < 0)
		return r;
	return headers_add(headers, field->name, value);
}

int respond_upstream(
    const struct route *route, const struct response_head *head, struct http_answer *ret)
{
	_cleanup_headers_ struct headers fields = {};
	int r;

	r = headers_copy_end_to_end(&head->headers, &fields);
	for (size_t i = 0; r == 0 && i < fields.len; i++) {
		const struct header *field = &fields.items[i];

		if (strcasecmp(field->name, "WWW-Authenticate") == 0)
			continue;
		if (strcasecmp(field->name, "Location") == 0)
			r = add_rewritten(&ret->headers, route, field, route_location);
		else if (strcasecmp(field->name, "Link") == 0)
			r = add_rewritten(&ret->headers, route, field, route_link);
		else
			r = headers_add(&ret->headers, field->name, field->value);
	}
	if (r < 0)
		return r;
	ret->status = head->status;
	return 0;
}

int respond_notice(const struct notice *notice, struct http_answer *ret)
{
	_cleanup_str_ struct str value = {};
	int r;

	r = str_appendf(&value, "299 - \"%s\"", notice->text);
	return r < 0 ? r : headers_add(&ret->headers, "Warning", str_text(&value));
}

int respond_refusal(const struct oci_error *refusal, const char *method, enum operation operation,
    struct http_answer *ret)
{
	bool is_head = method && strcmp(method, "HEAD") == 0;
	struct notice notice = {};
	int r;

	notice_set(&notice, refusal->message);
	r = headers_add(&ret->headers, "Content-Type", "application/json");
	if (r == 0)
		r = headers_add(&ret->headers, API_VERSION_NAME, API_VERSION_VALUE);
	if (r == 0)
		r = oci_error_write(refusal, &ret->body);
	/* Docker, podman and their kin read the body of a 4xx only. */
	if (r == 0 && (is_head || refusal->status >= 500))
		r = respond_notice(&notice, ret);
	if (r < 0)
		return r;
	ret->status = refusal->status;
	if (is_head && operation == OPERATION_BLOB && refusal->status < 500)
		ret->status = 404;
	if (is_head) {
		ret->length = (int64_t)ret->body.len;
		str_finish(&ret->body);
	}
	return 0;
}

int respond_ping(struct http_answer *ret)
{
	int r;

	r = headers_add(&ret->headers, "Content-Type", "application/json");
	if (r == 0)
		r = headers_add(&ret->headers, API_VERSION_NAME, API_VERSION_VALUE);
	if (r == 0)
		r = str_append_text(&ret->body, "{}");
	if (r == 0)
		ret->status = 200;
	return r;
}

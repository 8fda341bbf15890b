#include "lambda_runtime.h"

#include <errno.h>
#include <string.h>

#include "clock.h"
#include "json.h"
#include "limits.h"
#include "log.h"

#define VERSION "2018-06-01"

enum {
	/* Beyond what Lambda allows, so that what is too large is answered, not only not read. */
	BODY_MAX = 16 * 1024 * 1024,
	ANSWER_MAX = 64 * 1024,
	ANSWER_MS = 5 * 1000,
	TRIES = 3,
	PAUSE_MS = 100,
	/* Lambda always says when it ends; without that a short one is assumed. */
	UNSAID_MS = 10 * 1000,
	MILLISECONDS_DIGITS = 15,
};

/* It becomes part of a URL. */
static int copy_id(const char *id, char ret[static LAMBDA_REQUEST_ID_SIZE])
{
	static const char taken[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789-_";
	size_t len = id ? strlen(id) : 0;

	if (len == 0 || len >= LAMBDA_REQUEST_ID_SIZE || id[strspn(id, taken)])
		return -EPROTO;
	memcpy(ret, id, len + 1);
	return 0;
}

/* Milliseconds since the epoch, as a monotonic deadline. */
static int64_t read_deadline(const char *text)
{
	size_t len = text ? strspn(text, "0123456789") : 0;
	int64_t left_ms = UNSAID_MS;

	if (len > 0 && len <= MILLISECONDS_DIGITS && !text[len])
		left_ms = strtoll(text, NULL, 10) - clock_wall_ms();
	return clock_mono_ms() + left_ms;
}

static int read_invocation(struct fetch_reply *reply, struct lambda_invocation *ret, struct err *e)
{
	struct lambda_invocation invocation = {};

	if (reply->status != 200)
		return err_set(
		    e, -EPROTO, "the Lambda runtime API answers next with %u", reply->status);
	if (copy_id(headers_get(&reply->headers, "Lambda-Runtime-Aws-Request-Id"), invocation.id) <
	    0)
		return err_set(e, -EPROTO, "the Lambda runtime API names no request");
	invocation.deadline_ms =
	    read_deadline(headers_get(&reply->headers, "Lambda-Runtime-Deadline-Ms"));
	invocation.too_large = reply->body.len > LAMBDA_EVENT_MAX;
	if (!invocation.too_large) {
		invocation.body = reply->body;
		reply->body = (struct str){};
	}
	*ret = invocation;
	return 0;
}

int lambda_runtime_next(
    const struct lambda_runtime *runtime, struct lambda_invocation *ret, struct err *e)
{
	_cleanup_(fetch_reply_finish) struct fetch_reply reply = {};
	_cleanup_str_ struct str url = {};
	struct fetch_request request = {
	    .method = "GET",
	    .deadline_ms = INT64_MAX,
	    .max_body = BODY_MAX,
	    .direct = true,
	};
	int r;

	r = str_appendf(&url, "http://%s/" VERSION "/runtime/invocation/next", runtime->api);
	if (r < 0)
		return err_set(e, r, "out of memory");
	request.url = url.data;
	r = fetch(&runtime->wait, &request, &reply, e);
	return r < 0 ? r : read_invocation(&reply, ret, e);
}

void lambda_invocation_finish(struct lambda_invocation *invocation)
{
	str_finish(&invocation->body);
}

struct telling {
	const char *url;
	const char *body;
	struct headers headers;
};

/* The status, or −errno as fetch(). */
static int tell_once(
    const struct lambda_runtime *runtime, const struct telling *telling, struct err *e)
{
	_cleanup_(fetch_reply_finish) struct fetch_reply reply = {};
	const struct fetch_request request = {
	    .method = "POST",
	    .url = telling->url,
	    .headers = &telling->headers,
	    .body = telling->body,
	    .body_len = strlen(telling->body),
	    .deadline_ms = clock_mono_ms() + ANSWER_MS,
	    .max_body = ANSWER_MAX,
	    .direct = true,
	};
	int r = fetch(&runtime->tell, &request, &reply, e);

	return r < 0 ? r : (int)reply.status;
}

static int tell(const struct lambda_runtime *runtime, const struct telling *telling, struct err *e)
{
	int r = 0;

	for (int i = 0; i < TRIES; i++) {
		if (i > 0)
			stop_sleep(runtime->tell.stop, PAUSE_MS);
		r = tell_once(runtime, telling, e);
		if (r == -ENOMEM)
			return r;
		if (r < 0)
			continue;
		if (r >= 500)
			return err_set(
			    e, -EIO, "the Lambda runtime API answers %s with %d", telling->url, r);
		/* A repeated one is refused when the first had come through. */
		if (r >= 300 && i == 0)
			log_error("the Lambda runtime API refuses an answer with %d", r);
		return 0;
	}
	return -EIO;
}

static int set_up(const struct lambda_runtime *runtime, const char *id, const char *what,
    struct headers *headers, struct str *url)
{
	int r;

	r = headers_add(headers, "Content-Type", "application/json");
	if (r == 0 && id)
		r = str_appendf(
		    url, "http://%s/" VERSION "/runtime/invocation/%s/%s", runtime->api, id, what);
	else if (r == 0)
		r = str_appendf(url, "http://%s/" VERSION "/runtime/init/%s", runtime->api, what);
	return r;
}

int lambda_runtime_respond(
    const struct lambda_runtime *runtime, const char *id, const char *body, struct err *e)
{
	_cleanup_headers_ struct headers headers = {};
	_cleanup_str_ struct str url = {};

	if (set_up(runtime, id, "response", &headers, &url) < 0)
		return err_set(e, -ENOMEM, "out of memory");
	return tell(
	    runtime, &(const struct telling){.url = url.data, .body = body, .headers = headers}, e);
}

static int write_failure(const struct lambda_failure *failure, struct str *ret)
{
	int r;

	r = str_append_text(ret, "{\"errorMessage\":");
	if (r == 0)
		r = json_write_string(ret, failure->message);
	if (r == 0)
		r = str_append_text(ret, ",\"errorType\":");
	if (r == 0)
		r = json_write_string(ret, failure->type);
	return r < 0 ? r : str_append_text(ret, ",\"stackTrace\":[]}");
}

int lambda_runtime_fail(const struct lambda_runtime *runtime, const char *id,
    const struct lambda_failure *failure, struct err *e)
{
	_cleanup_headers_ struct headers headers = {};
	_cleanup_str_ struct str url = {}, body = {};

	if (set_up(runtime, id, "error", &headers, &url) < 0 ||
	    headers_add(&headers, "Lambda-Runtime-Function-Error-Type", failure->type) < 0 ||
	    write_failure(failure, &body) < 0)
		return err_set(e, -ENOMEM, "out of memory");
	return tell(runtime,
	    &(const struct telling){.url = url.data, .body = body.data, .headers = headers}, e);
}

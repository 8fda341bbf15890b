/*
 * The path of a push, from top to bottom. The HTTP server drives it by the callbacks on_…, which
 * stand below in the order of their calls:
 *
 * - on_head: admit() it (gate and route: may it be forwarded, and where to?) and begin(): a blob
 *   goes on to the registry as the client sends it; a manifest is held, so that the request can be
 *   repeated; everything else has no body.
 *
 * - on_body: pass on or hold what comes.
 *
 * - on_end: converse() with the registry. Its answer is handed on; or the repository is created, a
 *   fresh token fetched, a pause made, and the same request asked again. answer_upstream() gives
 *   the head in the client's own form.
 *
 * - on_read: the body, as the client takes it. on_done: one access line (tally.h).
 *
 * A refusal on the way (x->refusal) takes the place of the registry's answer.
 */
#include "exchange.h"

#include <errno.h>
#include <string.h>

#include "admit.h"
#include "clock.h"
#include "exchange_state.h"
#include "limits.h"
#include "question.h"
#include "refused_push.h"
#include "remedy.h"
#include "respond.h"
#include "tally.h"
#include "verdict.h"

static void *on_open(void *userdata)
{
	struct exchange *x = calloc(1, sizeof(*x));

	if (!x)
		return NULL;
	x->context = userdata;
	x->serving = serving_current(x->context->serving);
	x->access.time_ms = clock_wall_ms();
	x->access.ms = clock_mono_ms();
	return x;
}

static bool holds_body(const struct exchange *x)
{
	return x->route.operation == OPERATION_MANIFEST && x->pass.body_length != 0;
}

static int refuse_too_large(struct exchange *x)
{
	oci_error_set(&x->refusal, 413, "SIZE_INVALID",
	    "the manifest is larger than the %d octets that ECR takes", LIMIT_MANIFEST);
	return exchange_refuse(x, "too-large");
}

/* How long everything may take from here until the answer's head. */
static int64_t deadline_of(const struct exchange *x)
{
	int64_t allowed_ms = LIMIT_HEAD_MS;

	if (verdict_may_create(x->method, x->route.operation))
		allowed_ms = (int64_t)x->serving->config->timeout_s * 1000;
	else if (x->route.operation == OPERATION_UPLOAD)
		allowed_ms = LIMIT_COMMIT_MS;
	return clock_mono_ms() + allowed_ms - x->waited_ms;
}

static int begin(struct exchange *x, const struct http_request *request)
{
	int64_t start_ms;
	int r;

	r = admit(x, request);
	if (r < 0 || x->pass.body_length == 0)
		return r;
	if (holds_body(x))
		return x->pass.body_length > LIMIT_MANIFEST ? refuse_too_large(x) : 0;
	x->streamed = true;
	start_ms = clock_mono_ms();
	x->deadline_ms = deadline_of(x);
	if (verdict_may_create(x->method, x->route.operation))
		r = remedy_before_stream(x);
	if (r == 0)
		r = question_begin_stream(x);
	x->waited_ms = clock_mono_ms() - start_ms;
	return r;
}

static void answer_refusal(struct exchange *x, struct http_answer *answer)
{
	if (x->refusal.status == 0) {
		oci_error_set(&x->refusal, 504, "UNAVAILABLE", "ecr-upsertd is out of memory");
		exchange_refuse(x, "no-memory");
	}
	if (respond_refusal(&x->refusal, x->method, x->route.operation, answer) < 0)
		answer->status = x->refusal.status;
}

/* Both ways to an answer end here. */
static void settle(struct exchange *x, struct http_answer *answer)
{
	/* Without memory for it the answer goes without. */
	if (x->notice.text[0])
		respond_notice(&x->notice, answer);
	x->access.created = x->notice.text[0];
	x->access.status = answer->status;
	tally_out(x, answer->body.len);
	refused_push_note(x, answer);
}

static bool on_head(void *object, const struct http_request *request, struct http_answer *answer)
{
	struct exchange *x = object;

	if (begin(x, request) == 0)
		return false;
	answer_refusal(x, answer);
	settle(x, answer);
	/* Where the gate did not let it pass, nobody knows where the next request begins. */
	answer->close = !x->pass.target;
	return true;
}

static void on_body(void *object, const char *bytes, size_t len)
{
	struct exchange *x = object;

	tally_in(x, len);
	if (x->discard)
		return;
	if (x->streamed) {
		/* An early answer or a failure: what still comes is dropped, then it is told. */
		x->discard = transfer_send(x->transfer, bytes, len, INT64_MAX) != 0;
		return;
	}
	if (x->held.len + len > LIMIT_MANIFEST) {
		refuse_too_large(x);
		x->discard = true;
	} else if (str_append(&x->held, bytes, len) < 0) {
		oci_error_set(&x->refusal, 504, "UNAVAILABLE", "ecr-upsertd is out of memory");
		exchange_refuse(x, "no-memory");
		x->discard = true;
	}
}

static enum verdict judge(const struct exchange *x, int asked)
{
	struct verdict_input input = {
	    .method = x->method,
	    .operation = x->route.operation,
	    .repository = x->route.repository,
	    .repeatable = !x->streamed,
	    .fresh_token = x->signed_in_anew,
	    .no_byte = asked == -EIO,
	    .body = str_text(&x->begun),
	    .body_len = x->begun.len,
	};

	if (asked == 0)
		input.status = transfer_head(x->transfer)->status;
	return verdict_of(&input);
}

/* Asks until there is an answer to hand on. */
static int converse(struct exchange *x)
{
	for (;; x->access.retries++) {
		int asked = question_ask(x);
		int r;

		if (asked < 0 && asked != -EIO)
			return asked;
		switch (judge(x, asked)) {
		case VERDICT_PASS:
			return asked < 0 ? question_refuse(x) : 0;
		case VERDICT_CREATE:
			r = remedy_create(x);
			break;
		case VERDICT_ASK:
			r = remedy_silence(x);
			break;
		case VERDICT_SIGN_IN:
			r = remedy_token(x);
			break;
		case VERDICT_NAME:
			return remedy_refuse_name(x);
		case VERDICT_WAIT:
			r = remedy_throttled(x);
			break;
		case VERDICT_REFUSED:
		default:
			r = remedy_refuse_token(x);
			break;
		}
		if (r < 0)
			return r;
	}
}

static int answer_upstream(struct exchange *x, struct http_answer *answer)
{
	const struct response_head *head = transfer_head(x->transfer);
	int r;

	r = respond_upstream(&x->route, head, answer);
	if (r < 0)
		return r;
	if (strcmp(x->method, "HEAD") == 0 || head->status == 304) {
		answer->length = head->content_length;
	} else if (x->begun_whole) {
		answer->body = x->begun;
		x->begun = (struct str){};
	} else {
		answer->pull = true;
		answer->length = response_body_length(head, x->method);
		live_expect(&x->live, answer->length);
		return 0;
	}
	/* Another exchange may have the connection while the client reads. */
	transfer_finish(TAKE_PTR(x->transfer));
	return 0;
}

static void on_end(void *object, struct http_answer *answer)
{
	struct exchange *x = object;
	int r = -EPERM;

	if (x->refusal.status == 0 && x->route.operation == OPERATION_PING) {
		r = respond_ping(answer);
	} else if (x->refusal.status == 0) {
		/* From here on it is the registry that is waited for, not the client. */
		x->deadline_ms = deadline_of(x);
		r = converse(x);
		if (r == 0)
			r = answer_upstream(x, answer);
	}
	if (r < 0)
		answer_refusal(x, answer);
	settle(x, answer);
}

static ssize_t on_read(void *object, char *buffer, size_t max)
{
	struct exchange *x = object;
	ssize_t n = question_read(x, buffer, max);

	if (n > 0)
		tally_out(x, (size_t)n);
	return n;
}

static void on_done(void *object, enum http_end how)
{
	struct exchange *x = object;

	tally_end(x, how);
	live_end(&x->live);
	transfer_finish(x->transfer);
	ecr_token_unref(x->token);
	str_finish(&x->held);
	str_finish(&x->begun);
	headers_finish(&x->headers);
	route_finish(&x->route);
	free(x->pass.target);
	free(x->method);
	free(x->late);
	serving_unref(x->serving);
	free(x);
}

struct http_handler exchange_handler(const struct exchange_context *context)
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

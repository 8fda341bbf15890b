#include "question.h"

#include <errno.h>
#include <string.h>

#include "clock.h"
#include "limits.h"

static void count_error(const struct exchange *x, enum metrics_error error)
{
	metrics_error(x->context->metrics, x->route.registry->host, error);
}

/* A client that left, and our own stop, are no faults of the registry's. */
static void count_failure(const struct exchange *x)
{
	static const struct {
		enum transfer_failure failure;
		enum metrics_error error;
	} errors[] = {
	    {TRANSFER_CONNECT, METRICS_CONNECT},
	    {TRANSFER_CERTIFICATE, METRICS_CERTIFICATE},
	    {TRANSFER_NO_BYTE, METRICS_NO_ANSWER},
	    {TRANSFER_CUT, METRICS_CUT},
	    {TRANSFER_TIMEOUT, METRICS_TIMEOUT},
	    {TRANSFER_MALFORMED, METRICS_MALFORMED},
	};

	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++)
		if (errors[i].failure == transfer_failure(x->transfer))
			count_error(x, errors[i].error);
}

static void count_status(const struct exchange *x)
{
	if (x->access.upstream_status == 429)
		count_error(x, METRICS_THROTTLED);
	else if (x->access.upstream_status >= 500)
		count_error(x, METRICS_SERVER_ERROR);
}

int question_sign_in(struct exchange *x)
{
	int r;

	if (x->token)
		return 0;
	r = ecr_token_get(x->context->tokens, x->route.registry,
	    clock_within_ms(LIMIT_CREATION_MS, x->deadline_ms), &x->token, &x->refusal);
	if (r == 0)
		return 0;
	count_error(x, METRICS_NO_TOKEN);
	return exchange_refuse(x, "no-token");
}

static int begin_transfer(struct exchange *x)
{
	struct transfer_request request = {
	    .registry = x->route.registry,
	    .method = x->method,
	    .target = x->route.target,
	    .headers = &x->headers,
	    .authorization = x->token->authorization,
	    .body_length = x->streamed ? x->pass.body_length : (int64_t)x->held.len,
	    .client_fd = x->client_fd,
	    /* What is repeated must not meet the connection that just died. */
	    .fresh_connection = x->streamed || x->access.retries > 0,
	};

	transfer_finish(TAKE_PTR(x->transfer));
	x->asked_ms = clock_mono_ms();
	return transfer_begin(x->context->upstream, &request, &x->transfer);
}

int question_begin_stream(struct exchange *x)
{
	int r;

	r = question_sign_in(x);
	return r < 0 ? r : begin_transfer(x);
}

/* The transfer failed while its answer's body was read. */
static int lose(struct exchange *x)
{
	count_failure(x);
	return question_refuse(x);
}

/* Short answers and errors are read before they are judged; anything else goes on as it comes. */
static int begin_body(struct exchange *x)
{
	const struct response_head *head = transfer_head(x->transfer);
	int64_t length = response_body_length(head, x->method);

	str_clear(&x->begun);
	x->begun_whole = length == 0;
	if (length > LIMIT_SMALL_BODY || (length < 0 && head->status < 400))
		return 0;
	while (!x->begun_whole && x->begun.len < LIMIT_SMALL_BODY) {
		char piece[8192];
		ssize_t n = transfer_read(x->transfer, piece, sizeof(piece), x->deadline_ms);

		if (n < 0)
			return lose(x);
		if (str_append(&x->begun, piece, (size_t)n) < 0)
			return -ENOMEM;
		x->begun_whole = n == 0;
	}
	return 0;
}

static int put(struct exchange *x)
{
	int r;

	if (x->streamed)
		return 0;
	r = question_sign_in(x);
	if (r == 0)
		r = begin_transfer(x);
	if (r == 0 && x->held.len > 0)
		r = transfer_send(x->transfer, x->held.data, x->held.len, x->deadline_ms);
	/* 1: answered before the body was taken, which is an answer. */
	return r < 0 ? r : 0;
}

int question_ask(struct exchange *x)
{
	int r;

	r = put(x);
	if (r == 0)
		r = transfer_await_head(x->transfer, x->deadline_ms);
	if (r == -EIO)
		count_failure(x);
	if (r == -EIO && transfer_failure(x->transfer) != TRANSFER_NO_BYTE)
		return question_refuse(x);
	if (r < 0)
		return r;
	x->access.upstream_status = transfer_head(x->transfer)->status;
	count_status(x);
	return begin_body(x);
}

ssize_t question_read(struct exchange *x, char *buffer, size_t max)
{
	size_t left = x->begun.len - x->begun_sent;
	ssize_t n;

	if (left > 0) {
		n = (ssize_t)(left < max ? left : max);
		memcpy(buffer, x->begun.data + x->begun_sent, (size_t)n);
		x->begun_sent += (size_t)n;
		return n;
	}
	n = transfer_read(x->transfer, buffer, max, INT64_MAX);
	return n < 0 ? lose(x) : n;
}

int question_refuse(struct exchange *x)
{
	enum transfer_failure failure = transfer_failure(x->transfer);
	const char *error = transfer_error(x->transfer);

	switch (failure) {
	case TRANSFER_MALFORMED:
		oci_error_set(&x->refusal, 502, "UNAVAILABLE",
		    "%s; look at what stands between, a proxy perhaps", error);
		break;
	case TRANSFER_CERTIFICATE:
		oci_error_set(&x->refusal, 502, "UNAVAILABLE", "%s", error);
		break;
	default:
		oci_error_set(&x->refusal, 504, "UNAVAILABLE", "no answer: %s", error);
	}
	return exchange_refuse(x, transfer_failure_name(failure));
}

#include "transfer_callbacks.h"

#include <errno.h>
#include <string.h>

#include "curl_common.h"

static const char *const names[] = {
    [TRANSFER_OK] = "ok",
    [TRANSFER_CONNECT] = "upstream-connect",
    [TRANSFER_CERTIFICATE] = "upstream-certificate",
    [TRANSFER_NO_BYTE] = "upstream-no-answer",
    [TRANSFER_CUT] = "upstream-cut",
    [TRANSFER_TIMEOUT] = "upstream-timeout",
    [TRANSFER_MALFORMED] = "upstream-malformed",
    [TRANSFER_CLIENT_LEFT] = "client-left",
    [TRANSFER_STOPPED] = "stopped",
    [TRANSFER_NO_MEMORY] = "no-memory",
};

const char *transfer_failure_name(enum transfer_failure failure)
{
	return names[failure];
}

int transfer_fail(struct transfer *transfer, enum transfer_failure failure, const char *text)
{
	if (!transfer->failure) {
		transfer->failure = failure;
		err_set(&transfer->err, 0, "%s: %s", transfer->host, text);
	}
	return -EIO;
}

static bool was_sent(const struct transfer *transfer)
{
	curl_off_t since_us = 0;

	curl_easy_getinfo(transfer->slot->easy, CURLINFO_PRETRANSFER_TIME_T, &since_us);
	return since_us > 0;
}

static enum transfer_failure classify(const struct transfer *transfer, CURLcode code)
{
	switch (code) {
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_CONNECT:
	case CURLE_OPERATION_TIMEDOUT: /* of the connecting: curl has no other limit from us */
		return TRANSFER_CONNECT;
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_ISSUER_ERROR:
		return TRANSFER_CERTIFICATE;
	case CURLE_OUT_OF_MEMORY:
		/* curl 7.88.1 also says so of a line in the head that is longer than 100 KiB. */
		return was_sent(transfer) && !transfer->head.complete ? TRANSFER_MALFORMED
								      : TRANSFER_NO_MEMORY;
	case CURLE_GOT_NOTHING:
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
	case CURLE_PARTIAL_FILE:
		break;
	default:
		return TRANSFER_MALFORMED;
	}
	if (transfer->head.size > 0)
		return TRANSFER_CUT;
	return was_sent(transfer) ? TRANSFER_NO_BYTE : TRANSFER_CONNECT;
}

int transfer_fail_curl(struct transfer *transfer, CURLcode code)
{
	if (!transfer->failure) {
		transfer->failure = classify(transfer, code);
		curl_explain(&transfer->err, code, transfer->host, transfer->curl_error);
	}
	return -EIO;
}

/* Octets of body that fill whole records; all of them when they do not fill one. */
static size_t whole_records(const struct transfer *transfer, size_t len)
{
	/* What curl writes around a chunk: its size in hexadecimal and two line ends. */
	size_t frame = !transfer->in_chunks ? 0 : len < 0x10000 ? 8 : 9;
	size_t records = (len + frame) / TLS_RECORD;

	return records ? records * TLS_RECORD - frame : len;
}

bool transfer_is_handed_over(const struct transfer *transfer)
{
	size_t frame = transfer->in_chunks ? 8 : 0;

	if (!transfer->holds)
		return transfer->held_len + transfer->out_len == 0;
	return transfer->held_len + transfer->out_len + frame < TLS_RECORD;
}

void transfer_hold_rest(struct transfer *transfer)
{
	if (transfer_is_handed_over(transfer)) {
		memcpy(transfer->held + transfer->held_len, transfer->out, transfer->out_len);
		transfer->held_len += transfer->out_len;
	}
	transfer->out = NULL;
	transfer->out_len = 0;
}

static void take(struct transfer *transfer, char *buffer, size_t len)
{
	size_t held = len < transfer->held_len ? len : transfer->held_len;

	memcpy(buffer, transfer->held, held);
	memmove(transfer->held, transfer->held + held, transfer->held_len - held);
	transfer->held_len -= held;
	len -= held;
	if (!len)
		return;
	memcpy(buffer + held, transfer->out, len);
	transfer->out += len;
	transfer->out_len -= len;
}

size_t transfer_give(char *buffer, size_t size, size_t count, void *arg)
{
	struct transfer *transfer = arg;
	size_t len = size * count, have = transfer->held_len + transfer->out_len;

	if (transfer_is_handed_over(transfer)) {
		if (transfer->out_end)
			return 0;
		transfer->send_paused = true;
		return CURL_READFUNC_PAUSE;
	}
	len = whole_records(transfer, len < have ? len : have);
	take(transfer, buffer, len);
	return len;
}

size_t transfer_take_field(char *line, size_t size, size_t count, void *arg)
{
	struct transfer *transfer = arg;
	struct response_head *head = &transfer->head;
	bool was_complete = head->complete;
	size_t len = size * count;
	struct err e = {};
	int r = response_head_line(head, line, len, &e);

	if (r < 0) {
		transfer_fail(
		    transfer, r == -ENOMEM ? TRANSFER_NO_MEMORY : TRANSFER_MALFORMED, e.text);
		return 0;
	}
	if (head->complete && !was_complete) {
		curl_easy_setopt(transfer->slot->easy, CURLOPT_VERBOSE, 1L);
		transfer->expected = response_body_length(head, transfer->is_head ? "HEAD" : "GET");
		transfer->early = transfer->has_body && !transfer->out_end && head->status >= 300;
	}
	return len;
}

static bool starts_with(const char *text, size_t len, const char *prefix)
{
	return len >= strlen(prefix) && memcmp(text, prefix, strlen(prefix)) == 0;
}

int transfer_take_note(CURL *easy, curl_infotype type, char *note, size_t len, void *arg)
{
	struct transfer *transfer = arg;

	if (type == CURLINFO_TEXT &&
	    (starts_with(note, len, "Excess found") || starts_with(note, len, "Leftovers after")))
		transfer_fail(
		    transfer, TRANSFER_MALFORMED, "sent octets beyond the end of its answer");
	return 0;
}

static bool body_is_legal(const struct transfer *transfer, size_t len)
{
	/* Before a head it is HTTP/0.9, which curl takes before 7.64. */
	return transfer->head.complete &&
	       (transfer->expected < 0 || (int64_t)len <= transfer->expected - transfer->received);
}

size_t transfer_take_body(char *bytes, size_t size, size_t count, void *arg)
{
	struct transfer *transfer = arg;
	size_t len = size * count, fit = transfer->in_max - transfer->in_len;

	if (!body_is_legal(transfer, len)) {
		transfer_fail(transfer, TRANSFER_MALFORMED, "sent a body where none may be");
		return 0;
	}
	if (transfer->spill_len > 0) {
		transfer->receive_paused = true;
		return CURL_WRITEFUNC_PAUSE;
	}
	if (fit > len)
		fit = len;
	if (fit > 0)
		memcpy(transfer->in + transfer->in_len, bytes, fit);
	transfer->in_len += fit;
	transfer->spill_at = 0;
	transfer->spill_len = len - fit;
	memcpy(transfer->spill, bytes + fit, len - fit);
	transfer->received += (int64_t)len;
	return len;
}

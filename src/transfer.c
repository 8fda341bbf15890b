#include "transfer.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "clock.h"
#include "transfer_callbacks.h"

/* Lifts the pauses whose reason is gone. Octets that curl holds back come in here. */
static int resume(struct transfer *transfer)
{
	bool send =
	    transfer->send_paused && (!transfer_is_handed_over(transfer) || transfer->out_end);
	bool receive = transfer->receive_paused && transfer->spill_len == 0 && transfer->in;
	CURLcode code;
	int keep;

	if (!send && !receive)
		return 0;
	if (send)
		transfer->send_paused = false;
	if (receive)
		transfer->receive_paused = false;
	keep = (transfer->send_paused ? CURLPAUSE_SEND : 0) |
	       (transfer->receive_paused ? CURLPAUSE_RECV : 0);
	code = curl_easy_pause(transfer->slot->easy, keep);
	return code ? transfer_fail_curl(transfer, code) : 0;
}

/*
 * curl 8.14.1 drops a body after HEAD without a word, and closes a connection that the answer left
 * open: up to 7.88.1 transfer_take_note() hears of it.
 */
static bool had_a_body_dropped(const struct transfer *transfer)
{
	curl_socket_t socket = CURL_SOCKET_BAD;

	if (!transfer->is_head || !transfer->head.keep_alive || transfer->head.http_1_0)
		return false;
	curl_easy_getinfo(transfer->slot->easy, CURLINFO_ACTIVESOCKET, &socket);
	return socket == CURL_SOCKET_BAD;
}

/* Has curl reported an end? */
static int read_result(struct transfer *transfer)
{
	int more;
	CURLMsg *message = curl_multi_info_read(transfer->slot->multi, &more);

	if (!message || message->msg != CURLMSG_DONE)
		return 0;
	if (message->data.result)
		return transfer_fail_curl(transfer, message->data.result);
	/* Closed within the head: curl calls that a success. */
	if (!transfer->head.complete)
		return transfer_fail_curl(transfer, CURLE_PARTIAL_FILE);
	if (had_a_body_dropped(transfer))
		return transfer_fail(
		    transfer, TRANSFER_MALFORMED, "sent octets beyond the end of its answer");
	transfer->done = true;
	return 0;
}

int transfer_step(struct transfer *transfer)
{
	int running = 0;
	CURLMcode code;

	if (transfer->failure)
		return -EIO;
	if (transfer->done)
		return 0;
	if (resume(transfer) < 0)
		return -EIO;
	code = curl_multi_perform(transfer->slot->multi, &running);
	if (code)
		return transfer_fail(transfer, TRANSFER_NO_MEMORY, curl_multi_strerror(code));
	if (!running && read_result(transfer) < 0)
		return -EIO;
	return transfer->failure ? -EIO : 0;
}

/* The client's next octets are not ours to read; its end of file is what we look for. */
static bool client_left(struct transfer *transfer)
{
	char octet;
	ssize_t n;

	if (transfer->client_fd < 0)
		return false;
	n = recv(transfer->client_fd, &octet, 1, MSG_PEEK | MSG_DONTWAIT);
	if (n > 0) /* a pipelined request: from here on it hides the end of file */
		transfer->client_fd = -1;
	return n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
}

/* Waits for the upstream, the daemon's stop and, if asked, the client's leaving. 0 or −EIO. */
static int wait_for_upstream(struct transfer *transfer, int64_t deadline_ms, bool watch_client)
{
	struct curl_waitfd fds[] = {
	    {.fd = transfer->upstream->stop->fd, .events = CURL_WAIT_POLLIN},
	    {.fd = transfer->client_fd, .events = CURL_WAIT_POLLIN},
	};
	bool watch = watch_client && transfer->client_fd >= 0;
	int64_t left = clock_left_ms(deadline_ms);
	CURLMcode code;
	int ready = 0;

	if (left == 0)
		return transfer_fail(
		    transfer, TRANSFER_TIMEOUT, "no answer in time; try again later");
	code = curl_multi_wait(
	    transfer->slot->multi, fds, watch ? 2 : 1, left < 60000 ? (int)left : 60000, &ready);
	if (code)
		return transfer_fail(transfer, TRANSFER_NO_MEMORY, curl_multi_strerror(code));
	if (fds[0].revents)
		return transfer_fail(transfer, TRANSFER_STOPPED, "given up: this daemon stops");
	if (watch && ready > 0 && client_left(transfer))
		return transfer_fail(transfer, TRANSFER_CLIENT_LEFT, "given up: the client left");
	return 0;
}

static curl_off_t octets_sent(const struct transfer *transfer)
{
	curl_off_t sent = 0;

	curl_easy_getinfo(transfer->slot->easy, CURLINFO_SIZE_UPLOAD_T, &sent);
	return sent;
}

/* Is all of the answer's body in the caller's hands or in spill? */
static bool body_has_ended(const struct transfer *transfer)
{
	if (transfer->failure == TRANSFER_MALFORMED)
		return false;
	return transfer->done ||
	       (transfer->head.complete && transfer->received == transfer->expected);
}

/* Wants the registry no more of the body? */
static bool is_answered(const struct transfer *transfer)
{
	return transfer->early || transfer->done || (transfer->failure && body_has_ended(transfer));
}

int transfer_send(struct transfer *transfer, const char *bytes, size_t len, int64_t deadline_ms)
{
	int64_t until_ms = clock_within_ms(transfer->upstream->stall_ms, deadline_ms);
	curl_off_t sent = octets_sent(transfer);
	bool taken;

	transfer->out = bytes;
	transfer->out_len = len;
	transfer->holds = len >= TLS_RECORD;
	for (;;) {
		size_t before = transfer->out_len;

		if (transfer_step(transfer) < 0 || is_answered(transfer) ||
		    transfer_is_handed_over(transfer))
			break;
		if (octets_sent(transfer) != sent || transfer->out_len != before) {
			sent = octets_sent(transfer);
			until_ms = clock_within_ms(transfer->upstream->stall_ms, deadline_ms);
			continue;
		}
		if (wait_for_upstream(transfer, until_ms, false) < 0)
			break;
	}
	taken = transfer_is_handed_over(transfer) && !transfer->failure && !transfer->early;
	transfer_hold_rest(transfer);
	if (taken)
		return 0;
	if (!is_answered(transfer))
		return -EIO;
	transfer->out_end = true;
	return 1;
}

/*
 * Is there nothing left to wait for before the head is handed on? A registry may accept early; what
 * it has not yet been sent then goes on its way while a small body comes in (to spill), for the
 * caller need not come back for that.
 */
static bool is_settled(const struct transfer *transfer)
{
	if (!transfer->head.complete)
		return false;
	return !transfer->has_body || is_answered(transfer) || transfer->expected < 0 ||
	       transfer->expected > (int64_t)sizeof(transfer->spill);
}

int transfer_await_head(struct transfer *transfer, int64_t deadline_ms)
{
	transfer->out_end = true;
	transfer->holds = false;
	while (!is_settled(transfer)) {
		if (transfer_step(transfer) < 0)
			break;
		if (!is_settled(transfer) && wait_for_upstream(transfer, deadline_ms, true) < 0)
			break;
	}
	/* A refusal that came whole counts, even if sending failed after it. */
	return transfer->head.complete && (!transfer->failure || body_has_ended(transfer)) ? 0
											   : -EIO;
}

const struct response_head *transfer_head(const struct transfer *transfer)
{
	return &transfer->head;
}

static void drain_spill(struct transfer *transfer)
{
	size_t len = transfer->spill_len;

	if (len > transfer->in_max)
		len = transfer->in_max;
	memcpy(transfer->in, transfer->spill + transfer->spill_at, len);
	transfer->in_len = len;
	transfer->spill_at += len;
	transfer->spill_len -= len;
}

ssize_t transfer_read(struct transfer *transfer, char *buffer, size_t max, int64_t deadline_ms)
{
	int64_t until_ms = clock_within_ms(transfer->upstream->stall_ms, deadline_ms);
	size_t got;

	transfer->in = buffer;
	transfer->in_len = 0;
	transfer->in_max = max;
	drain_spill(transfer);
	/* With TLS each step brings one record of 16 KiB: several make one block of the client's,
	   and the last eighth would only make a record spill. */
	while (transfer->in_len < max - max / 8 && !body_has_ended(transfer)) {
		size_t before = transfer->in_len;

		if (transfer_step(transfer) < 0)
			break;
		if (transfer->in_len > before)
			continue;
		if (transfer->in_len > 0 || body_has_ended(transfer))
			break;
		if (wait_for_upstream(transfer, until_ms, false) < 0)
			break;
	}
	got = transfer->in_len;
	transfer->in = NULL;
	transfer->in_len = transfer->in_max = 0;
	if (got > 0 || body_has_ended(transfer))
		return (ssize_t)got;
	return -EIO;
}

enum transfer_failure transfer_failure(const struct transfer *transfer)
{
	return transfer->failure;
}

const char *transfer_error(const struct transfer *transfer)
{
	return transfer->err.text;
}

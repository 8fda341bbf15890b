#include "stream.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	HEAD_MAX = 8192,
	RECV_MAX = 1024 * 1024,
	STALL_AFTER = 64 * 1024,
	CHUNK = 32 * 1024,
	CHUNK_FRAMED = CHUNK + 8,
};

#define DIGEST "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static const char zeros[STREAM_BLOCK];
static char chunks[STREAM_BLOCK / CHUNK * CHUNK_FRAMED];

struct response {
	int status;
	uint64_t length;
	uint64_t early; /* bytes of the body that came with the head */
};

void stream_prepare(void)
{
	for (char *at = chunks; at < chunks + sizeof(chunks); at += CHUNK_FRAMED) {
		memcpy(at, "8000\r\n", 6);
		memcpy(at + 6 + CHUNK, "\r\n", 2);
	}
}

static int fail(struct stream *s, const char *what)
{
	if (!s->error[0])
		snprintf(s->error, sizeof(s->error), "%s: %s", what, strerror(errno));
	return -1;
}

static int open_connection(struct stream *s)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)s->plan->port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	s->fd = fd;
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return fail(s, "connect");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return 0;
}

static int send_head(struct stream *s)
{
	const struct plan *plan = s->plan;
	unsigned long long size = plan->size;
	char text[1024], framing[64] = "";
	int len;

	if (plan->mode == MODE_UPLOAD)
		snprintf(framing, sizeof(framing), "Content-Length: %llu\r\n", size);
	if (plan->mode == MODE_UPLOAD_CHUNKED)
		snprintf(framing, sizeof(framing), "Transfer-Encoding: chunked\r\n");
	if (framing[0])
		len = snprintf(text, sizeof(text), "PATCH /v2/size-%llu/blobs/uploads/bench", size);
	else if (plan->mode == MODE_SMALL)
		len = snprintf(text, sizeof(text), "GET /v2/size-%llu/manifests/latest", size);
	else
		len = snprintf(text, sizeof(text), "GET /v2/size-%llu/blobs/" DIGEST, size);
	len += snprintf(text + len, sizeof(text) - (size_t)len,
	    " HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUser-Agent: bench\r\n%s\r\n", plan->port, framing);
	if (send(s->fd, text, (size_t)len, MSG_NOSIGNAL) != len)
		return fail(s, "sending a head");
	return 0;
}

static int send_all(struct stream *s, const char *bytes, size_t len)
{
	while (len) {
		ssize_t sent = send(s->fd, bytes, len, MSG_NOSIGNAL);

		if (sent <= 0)
			return fail(s, "sending a body");
		bytes += sent;
		len -= (size_t)sent;
	}
	return 0;
}

static int send_body(struct stream *s)
{
	bool chunked = s->plan->mode == MODE_UPLOAD_CHUNKED;

	for (uint64_t left = s->plan->size; left; left -= STREAM_BLOCK) {
		int r = chunked ? send_all(s, chunks, sizeof(chunks))
				: send_all(s, zeros, sizeof(zeros));

		if (r < 0)
			return -1;
		s->bytes += STREAM_BLOCK;
	}
	return chunked ? send_all(s, "0\r\n\r\n", 5) : 0;
}

static int parse_response(struct stream *s, char *head, size_t len, struct response *ret)
{
	const char *end = memmem(head, len, "\r\n\r\n", 4), *field;
	struct response response = {};

	head[end + 2 - head] = '\0';
	field = strcasestr(head, "\r\nContent-Length:");
	if (sscanf(head, "HTTP/1.1 %d", &response.status) != 1 || response.status / 100 != 2) {
		snprintf(s->error, sizeof(s->error), "unexpected answer: %.60s", head);
		return -1;
	}
	if (!field) {
		snprintf(s->error, sizeof(s->error), "an answer without Content-Length");
		return -1;
	}
	response.length = strtoull(field + 17, NULL, 10);
	response.early = (uint64_t)(head + len - (end + 4));
	*ret = response;
	return 0;
}

static int read_response(struct stream *s, struct response *ret)
{
	char head[HEAD_MAX + 1];
	size_t len = 0;

	do {
		ssize_t got = len < HEAD_MAX ? recv(s->fd, head + len, HEAD_MAX - len, 0) : 0;

		if (got <= 0)
			return fail(s, "reading a head");
		len += (size_t)got;
	} while (!memmem(head, len, "\r\n\r\n", 4));
	return parse_response(s, head, len, ret);
}

static int read_body(struct stream *s, const struct response *response)
{
	uint64_t left = response->length - response->early;

	s->bytes += response->early;
	while (left) {
		ssize_t got =
		    recv(s->fd, NULL, left < RECV_MAX ? (size_t)left : RECV_MAX, MSG_TRUNC);

		if (got <= 0)
			return fail(s, "reading a body");
		left -= (uint64_t)got;
		s->bytes += (uint64_t)got;
	}
	return 0;
}

/* Takes a first piece, so that every buffer on the way fills up, and nothing more. */
static int stall(struct stream *s)
{
	if (recv(s->fd, NULL, STALL_AFTER, MSG_TRUNC | MSG_WAITALL) <= 0)
		return fail(s, "reading a first piece");
	s->plan->stalled++;
	while (!s->plan->stop)
		usleep(10000);
	return -1;
}

static int exchange(struct stream *s)
{
	enum mode mode = s->plan->mode;
	struct response response;

	if (send_head(s) < 0)
		return -1;
	if ((mode == MODE_UPLOAD || mode == MODE_UPLOAD_CHUNKED) && send_body(s) < 0)
		return -1;
	if (read_response(s, &response) < 0)
		return -1;
	return mode == MODE_STALL ? stall(s) : read_body(s, &response);
}

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void keep_latency(struct stream *s, uint64_t us)
{
	if (s->latency_count == s->latency_cap) {
		size_t cap = s->latency_cap ? s->latency_cap * 2 : 1024;
		uint32_t *grown = reallocarray(s->latencies_us, cap, sizeof(*grown));

		if (!grown)
			return;
		s->latencies_us = grown;
		s->latency_cap = cap;
	}
	s->latencies_us[s->latency_count++] = us < UINT32_MAX ? (uint32_t)us : UINT32_MAX;
}

static void repeat(struct stream *s)
{
	struct plan *plan = s->plan;

	if (open_connection(s) < 0)
		return;
	while (!plan->stop && (!plan->requests || s->requests < plan->requests)) {
		uint64_t start = now_us();

		if (exchange(s) < 0)
			return;
		s->requests++;
		if (plan->measure)
			keep_latency(s, now_us() - start);
	}
}

void *stream_run(void *argument)
{
	struct stream *s = argument;

	repeat(s);
	/* Once told to stop, being cut off is no error. */
	if (s->plan->stop)
		s->error[0] = '\0';
	s->plan->ended++;
	return NULL;
}

void stream_interrupt(struct stream *s)
{
	if (s->fd >= 0)
		shutdown(s->fd, SHUT_RDWR);
}

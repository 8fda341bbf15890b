#pragma once
/*
 * An HTTP server whose answer is chosen by the target, and clients that speak raw octets to it over
 * real sockets. What the handler saw of the last request is in `seen`.
 */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "clock.h"
#include "headers.h"
#include "http_server.h"
#include "listener.h"
#include "str.h"
#include "unit.h"

enum { PATIENCE_MS = 20000 };

static struct {
	_Atomic unsigned opened, heads, ends, dones, errors;
	_Atomic uint64_t body;
	_Atomic int how;
	_Atomic bool plain;
	_Atomic int64_t owner; /* −1: not known */
	_Atomic bool blocked;  /* a handler waits for `release` */
	pthread_mutex_t lock;  /* of target */
	char target[16384];
	int release; /* eventfd */
} seen;

struct shown {
	char target[16384];
	struct str body;
	int64_t left;
	bool cut;
};

static void *show_open(void *userdata)
{
	atomic_fetch_add(&seen.opened, 1);
	return calloc(1, sizeof(struct shown));
}

static void wait_for_release(void)
{
	struct pollfd p = {.fd = seen.release, .events = POLLIN};

	atomic_store(&seen.blocked, true);
	poll(&p, 1, PATIENCE_MS);
}

static int64_t number_in(const char *target)
{
	const char *slash = strrchr(target, '/');

	return strtoll(slash + 1, NULL, 10);
}

static bool begins(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

static bool show_head(void *exchange, const struct http_request *request, struct http_answer *ret)
{
	struct shown *s = exchange;

	atomic_fetch_add(&seen.heads, 1);
	atomic_store(&seen.plain, request->plain_head);
	atomic_store(&seen.owner, request->owner ? (int64_t)*request->owner : -1);
	snprintf(s->target, sizeof(s->target), "%s", request->target);
	pthread_mutex_lock(&seen.lock);
	snprintf(seen.target, sizeof(seen.target), "%s", request->target);
	pthread_mutex_unlock(&seen.lock);
	if (begins(s->target, "/block-head"))
		wait_for_release();
	if (!begins(s->target, "/refuse"))
		return false;
	ret->status = 403;
	ret->close = begins(s->target, "/refuse-close");
	str_append_text(&ret->body, "no");
	return true;
}

static void show_body(void *exchange, const char *bytes, size_t len)
{
	struct shown *s = exchange;

	atomic_fetch_add(&seen.body, len);
	if (begins(s->target, "/block-body"))
		wait_for_release();
	if (begins(s->target, "/echo"))
		str_append(&s->body, bytes, len);
}

/* /pull/N sized, /chunk/N not; /cut… breaks off in the middle, /short/N ends there; /length/N: only
   said (for HEAD). */
static void show_end(void *exchange, struct http_answer *ret)
{
	struct shown *s = exchange;

	atomic_fetch_add(&seen.ends, 1);
	ret->status = 200;
	headers_add(&ret->headers, "X-Empty", "");
	headers_add(&ret->headers, "Date", "Thu, 01 Jan 1970 00:00:00 GMT");
	headers_add(&ret->headers, "Content-Length", "7");
	headers_add(&ret->headers, "Transfer-Encoding", "chunked");
	headers_add(&ret->headers, "Connection", "x-empty");
	if (begins(s->target, "/status/")) {
		ret->status = (unsigned)number_in(s->target);
		ret->length = ret->status == 304 ? 77 : 0;
		if (strstr(s->target, "unknown"))
			ret->length = -1;
	} else if (begins(s->target, "/length/"))
		ret->length = number_in(s->target);
	else if (begins(s->target, "/pull/") || begins(s->target, "/cut/") ||
		 begins(s->target, "/short/")) {
		ret->pull = true;
		ret->length = s->left = number_in(s->target);
	} else if (begins(s->target, "/chunk/") || begins(s->target, "/cut-chunk/")) {
		ret->pull = true;
		ret->length = -1;
		s->left = number_in(s->target);
	} else {
		str_append(&ret->body, s->body.data, s->body.len);
		ret->close = begins(s->target, "/echo-close");
	}
	s->cut = begins(s->target, "/cut");
	if (s->cut || begins(s->target, "/short/"))
		s->left /= 2;
}

static ssize_t show_read(void *exchange, char *buffer, size_t max)
{
	struct shown *s = exchange;
	size_t n = (uint64_t)s->left < max ? (size_t)s->left : max;

	if (!n)
		return s->cut ? -1 : 0;
	memset(buffer, 'p', n);
	s->left -= (int64_t)n;
	return (ssize_t)n;
}

static void show_done(void *exchange, enum http_end how)
{
	struct shown *s = exchange;

	str_finish(&s->body);
	free(s);
	atomic_store(&seen.how, (int)how);
	atomic_fetch_add(&seen.errors, how == HTTP_END_ERROR);
	atomic_fetch_add(&seen.dones, 1);
}

static const struct http_handler show_handler = {
    .open = show_open,
    .head = show_head,
    .body = show_body,
    .end = show_end,
    .read = show_read,
    .done = show_done,
};

/* Waits until the condition holds; fails the test when it never does. */
#define await(condition)                                                           \
	do {                                                                       \
		int64_t until_ = clock_mono_ms() + PATIENCE_MS;                    \
		while (!(condition)) {                                             \
			ck_assert_msg(clock_mono_ms() < until_, "%s", #condition); \
			poll(NULL, 0, 2);                                          \
		}                                                                  \
	} while (0)

static struct http_server *server_of(unsigned max, unsigned idle_s)
{
	struct http_server *server = NULL;

	memset(&seen, 0, sizeof(seen));
	seen.release = eventfd(0, EFD_NONBLOCK);
	ck_assert_int_eq(http_server_start(&show_handler, max, idle_s, &server, NULL), 0);
	return server;
}

/* A connected pair over loopback; returns the client's end. */
static int tcp_pair(int *ret_served, struct sockaddr_storage *address, socklen_t *len)
{
	struct sockaddr_in to = {.sin_family = AF_INET};
	_cleanup_(closep) int listening = -1;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	ck_assert_int_eq(listener_open("127.0.0.1:0", false, &listening, NULL), 0);
	to.sin_port = htons((uint16_t)listener_port(listening));
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	*ret_served = accept(listening, (struct sockaddr *)address, len);
	ck_assert_int_ge(*ret_served, 0);
	return fd;
}

static int client_of(struct http_server *server)
{
	struct sockaddr_storage address;
	socklen_t len = sizeof(address);
	int served, fd = tcp_pair(&served, &address, &len);

	ck_assert_int_eq(http_server_add(server, served, (struct sockaddr *)&address, len), 0);
	return fd;
}

/* False: the other side has reset the connection. */
static bool send_bytes(int fd, const char *bytes, size_t len)
{
	while (len) {
		ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		bytes += n;
		len -= (size_t)n;
	}
	return true;
}

__attribute__((unused)) static void say(int fd, const char *text)
{
	send_bytes(fd, text, strlen(text));
}

/* Reads until `end` stands there, or to the connection's end when NULL, without a RST. Free. */
__attribute__((unused)) static char *hear_until(int fd, const char *end)
{
	struct str all = {};
	char part[65536];
	struct pollfd p = {.fd = fd, .events = POLLIN};

	str_append_text(&all, "");
	while (!end || !strstr(str_text(&all), end)) {
		ssize_t n;

		ck_assert_msg(poll(&p, 1, PATIENCE_MS) == 1, "silence after %s", str_text(&all));
		n = recv(fd, part, sizeof(part), 0);
		ck_assert_msg(n >= 0, "%s after %s", strerror(errno), str_text(&all));
		if (n == 0)
			break;
		str_append(&all, part, (size_t)n);
	}
	return all.data ? all.data : strdup("");
}

/* One raw exchange, to the connection's end. Free. */
__attribute__((unused)) static char *ask(struct http_server *server, const char *raw)
{
	_cleanup_(closep) int fd = client_of(server);

	say(fd, raw);
	return hear_until(fd, NULL);
}

__attribute__((unused)) static size_t count_of(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)); text += strlen(what))
		n++;
	return n;
}

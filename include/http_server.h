#pragma once
/*
 * HTTP towards clients: with http_head.c and http_answer.c the only file that knows libmicrohttpd.
 * One thread for each connection ("thread per connection, pull"): every callback of one request
 * runs in that thread, in the order open, head, body…, end, read…, done, and may block: not
 * returning is the back-pressure.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "err.h"
#include "headers.h"
#include "str.h"

/* Borrowed; valid until done(). */
struct http_request {
	const char *method;
	const char *target;  /* raw, never decoded */
	const char *version; /* "HTTP/1.1" */
	const struct headers *headers;
	bool plain_head;    /* no folded line and no NUL in the head, see plain_head.h */
	int fd;             /* the client's socket: to see who it is and whether it has left */
	const uid_t *owner; /* of the process at its other end, see peer_owner.h; NULL: not known */
};

/* Filled by head() or end(); its contents pass to the server. Zeroed means nothing to say. */
struct http_answer {
	unsigned status;
	struct headers headers; /* without Content-Length, Connection and Transfer-Encoding */
	bool pull;              /* the body comes from read(), else it is `body` */
	struct str body;
	int64_t length; /* with pull or for HEAD: octets, −1 unknown */
	bool close;     /* Connection: close */
};

enum http_end {
	HTTP_END_SENT,
	HTTP_END_CLIENT_LEFT,
	HTTP_END_TIMEOUT,
	HTTP_END_STOPPED,
	HTTP_END_ERROR,
};

struct http_handler {
	void *userdata;
	/* A request line was read. NULL refuses it (500). */
	void *(*open)(void *userdata);
	/*
	 * The head is complete. False: body and end follow; only then is "100 Continue" sent.
	 * True: `ret` is the answer. A body that the client was not asked to hold back is still
	 * read and dropped, so that the answer arrives and the connection goes on; with ret->close
	 * (whose framing cannot be trusted) the answer goes at once and the connection closes.
	 */
	bool (*head)(void *exchange, const struct http_request *request, struct http_answer *ret);
	void (*body)(void *exchange, const char *bytes, size_t len);
	void (*end)(void *exchange, struct http_answer *ret);
	/* With pull: octets put into buffer (> 0), 0 at the end, < 0 to cut the connection. */
	ssize_t (*read)(void *exchange, char *buffer, size_t max);
	/* Always called once after open; head may have been called or not (libmicrohttpd answers
	   a malformed head or chunk itself: HTTP_END_ERROR). Frees exchange. */
	void (*done)(void *exchange, enum http_end how);
};

struct http_server;

/*
 * Copies handler. A connection that moves no octet for idle_s is closed; a head(), body() or read()
 * that waits as long counts as that. 0 or −errno with a text.
 */
int http_server_start(const struct http_handler *handler, unsigned max_connections, unsigned idle_s,
    struct http_server **ret, struct err *e);

/*
 * Takes over a connected socket. −EAGAIN when there are too many: the socket is still the caller's;
 * any other error: it is closed.
 */
int http_server_add(
    struct http_server *server, int fd, const struct sockaddr *address, socklen_t address_len);

/* From now on every answer closes its connection. */
void http_server_drain(struct http_server *server);

/* Requests between head() and done(): half a head is nothing to wait for. */
size_t http_server_active(const struct http_server *server);

/*
 * Cuts what still runs and joins all threads: those that wait for something else than the client
 * must have been told to end before, and nothing may call http_server_add() any more. NULL is
 * allowed.
 */
void http_server_stop(struct http_server *server);
DEFINE_CLEANUP(struct http_server *, http_server_stop);

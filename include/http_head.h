#pragma once
/*
 * A request's head, taken over from libmicrohttpd: copied, since it reuses its memory when it
 * answers an error itself, and with the target as it was sent.
 */
#include "headers.h"
#include "http_server.h"

struct MHD_Connection;

/* Kept for a connection as libmicrohttpd's socket context: its owner does not change. */
struct http_connection {
	bool owned; /* and by whom */
	uid_t owner;
};

struct http_head {
	char *method, *target, *version;
	struct headers fields;
	const char *raw_target;      /* libmicrohttpd's own, to compare addresses */
	struct http_request request; /* filled by read; borrows from the above */
};

/*
 * Does libmicrohttpd itself refuse every head that is not plain? 1.0 has another parser, which does
 * when it is told to be strict; folded lines and NULs in 0.9 are for plain_head.h.
 */
bool http_head_is_strict(void);

/*
 * The request line was read, nothing of it is decoded yet. The query, copied, is then ended at its
 * "?": libmicrohttpd would split and decode it into the pool and, when that is full, close without
 * a word. 0 or −ENOMEM.
 */
int http_head_begin(struct http_head *head, const char *raw_target);

/* The head is complete. 0 or −ENOMEM. */
int http_head_read(struct http_head *head, struct MHD_Connection *connection, const char *method,
    const char *version);

/* After read. */
bool http_head_is_1_0(const struct http_head *head);
bool http_head_expects_continue(const struct http_head *head);

void http_head_finish(struct http_head *head);

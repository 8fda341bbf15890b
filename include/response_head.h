#pragma once
/*
 * The head of an upstream's answer, line by line, held to the rules a request is held to: what two
 * readers could frame differently is refused (RFC 9112 §5, §6.3), so that the client's connection
 * never gets out of step. curl 7.88.1 lets pass: obs-fold, bare CR, equal Content-Lengths twice,
 * "chunked, identity", an unasked 101, bodies on HEAD, 204 and 304. Pure.
 */
#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "headers.h"

enum { RESPONSE_HEAD_MAX = 65536 };

/* Zeroed means nothing read yet. */
struct response_head {
	unsigned status;
	struct headers headers; /* all of them, as received */
	int64_t content_length; /* −1 when there is none; set by the status line */
	bool chunked;
	bool complete;   /* the final (≥ 200) head has ended */
	bool keep_alive; /* may the connection serve another request */
	size_t size;
	bool http_1_0;
};

/*
 * Takes one line as curl's header callback gives it (with its CRLF; an empty line ends a block; 1xx
 * blocks are passed over, 101 is refused). Lines after the final head are trailers: checked and
 * dropped. 0, −EBADMSG with the reason, −ENOMEM.
 */
int response_head_line(struct response_head *head, const char *line, size_t len, struct err *e);

/* Octets of body that follow for this method: 0 none, −1 unknown (chunked or until close). */
int64_t response_body_length(const struct response_head *head, const char *method);

void response_head_finish(struct response_head *head);

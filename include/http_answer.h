#pragma once
/*
 * An answer as libmicrohttpd sends it. What 0.9.75 does with a response is avoided here: a chunk
 * after the head where no body is allowed; a second Date after Connection; no field without a
 * value.
 */
#include <stdbool.h>

#include "http_server.h"

struct MHD_Response;

/* One answer on its way; must outlive the response. */
struct http_sending {
	const struct http_handler *handler;
	void *exchange;
	int fd;
	bool is_head;
	bool is_http10;
	bool closes;  /* Connection: close */
	int64_t left; /* set by build: octets of a pulled body still to come, or −1 */
	bool cut;     /* its body broke off */
};

/* Takes the body; the fields are copied. NULL: out of memory. Destroy the response. */
struct MHD_Response *http_answer_build(struct http_answer *answer, struct http_sending *sending);

void http_answer_finish(struct http_answer *answer);

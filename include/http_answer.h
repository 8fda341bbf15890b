#pragma once
/*
 * An answer as libmicrohttpd sends it: the second of the two files that know the library. What
 * 0.9.75 does with a response and what of it is avoided here: a chunk after the head where no body
 * is allowed; a second Date after Connection; no field without a value.
 */
#include <microhttpd.h>
#include <stdbool.h>

#include "http_server.h"

struct http_answer_request {
	bool is_head;
	bool is_http10;
	bool closes; /* Connection: close */
	MHD_ContentReaderCallback reader;
	void *reader_cls;
};

/* Takes the body; the fields are copied. NULL: out of memory. Destroy the response. */
struct MHD_Response *http_answer_build(
    struct http_answer *answer, const struct http_answer_request *request);

void http_answer_finish(struct http_answer *answer);

#pragma once
/* One HTTP/1.1 request as the origin needs it; read from the two proxies under test only. */
#include <stdbool.h>
#include <stdint.h>

#include "conn.h"

struct request {
	char method[16];
	char target[2048];
	char host[256];
	char action[128]; /* X-Amz-Target: an API call, else "" */
	bool authorized;  /* any Authorization at all */
	bool chunked;
	bool expects; /* a 100 Continue */
	bool close;
	uint64_t length;
};

/* Reads and parses a head. −1: end of the stream, or not a request. */
int request_read(struct conn *c, struct request *ret_request);

/* Drops the body and counts it. */
int request_discard_body(struct conn *c, const struct request *request, uint64_t *ret_bytes);

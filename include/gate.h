#pragma once
/*
 * May this request be forwarded at all? Everything that two readers could understand differently is
 * refused here, before routing (RFC 9112 §3, §5, §6, §11.2), and so is what a browser sends on
 * behalf of a foreign page. Pure. libmicrohttpd 0.9.75 lets through: space before the colon, CL
 * with TE, differing CL, TE other than chunked, control bytes, fields folded into others.
 */
#include <stdbool.h>
#include <stdint.h>

#include "headers.h"
#include "oci_error.h"
#include "own_host.h"

struct gate_request {
	const char *method;
	const char *target; /* raw, as on the request line */
	const char *version;
	const struct headers *headers;
	bool plain_head; /* the server saw no folded line and no NUL in the head */
};

struct gate_pass {
	char *target; /* origin-form: absolute-form of one of our hosts is reduced to it. Free. */
	int64_t body_length; /* 0 none, −1 chunked, else octets */
};

/*
 * 0, −EPERM with the refusal, −ENOMEM. A refused request's connection must be closed: where its
 * body ends is not known. A foreign Host is 403, not 421: every client stops at once and shows the
 * message.
 */
int gate_check(const struct gate_request *request, const struct gate_hosts *hosts,
    struct gate_pass *ret, struct oci_error *refusal);

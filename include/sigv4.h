#pragma once
/*
 * AWS Signature Version 4 for a request with a body in memory. Pure: the time is an argument, and
 * every intermediate can be looked at, since that is how its mistakes are found. Source: "Create a
 * signed AWS API request", IAM user guide.
 */
#include <stdbool.h>
#include <stdint.h>

#include "headers.h"
#include "str.h"

struct sigv4_request {
	const char *method;
	const char *path;              /* as sent; "" means "/" */
	const char *query;             /* as sent, without '?'; NULL when there is none */
	const struct headers *headers; /* to be signed: all of them, Host among them */
	const char *body;
	size_t body_len;
	bool keep_path; /* dot segments and repeated slashes of the path stay */
	bool sign_body; /* adds and signs x-amz-content-sha256 */
};

struct sigv4_key {
	const char *access_key_id;
	const char *secret_access_key;
	const char *session_token; /* or NULL */
	const char *region;
	const char *service;
	int64_t time_s; /* since the epoch */
};

/* Zeroed before; sigv4_finish() wipes. */
struct sigv4_result {
	struct str canonical_request;
	struct str string_to_sign;
	char signature[65];
	struct headers
	    headers; /* to be sent besides: X-Amz-Date, -Security-Token, Authorization … */
};

/*
 * 0, −EINVAL for a request that cannot be signed (no Host, a name that is no name, a field that
 * signing itself adds, '%' in the query without two digits), −ENOMEM, −EIO.
 */
int sigv4_sign(
    const struct sigv4_request *request, const struct sigv4_key *key, struct sigv4_result *ret);
void sigv4_finish(struct sigv4_result *result);

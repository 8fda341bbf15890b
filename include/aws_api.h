#pragma once
/*
 * One signed call of an AWS JSON 1.1 API: signs with the credentials in force, corrects a wrong
 * clock from the answer's Date and repeats once, reads keys anew when they were refused and repeats
 * once. Throttling and 5xx are the caller's to repeat. Thread-safe.
 */
#include <stdbool.h>
#include <stdint.h>

#include "credentials.h"
#include "fetch.h"
#include "json.h"

struct aws_api;

/* chain and fetcher are borrowed for its life. */
int aws_api_new(
    struct credential_chain *chain, const struct fetcher *fetcher, struct aws_api **ret);
void aws_api_free(struct aws_api *api);

struct aws_call {
	const char *url; /* scheme://host[:port] */
	const char *region;
	const char *service; /* "ecr", "sts" */
	const char *target;  /* X-Amz-Target, or NULL for the query protocol */
	const char *body;
	int64_t deadline_ms;
};

struct aws_reply {
	unsigned status;
	char *code;        /* exception name without prefix and URL; NULL on success */
	char *message;     /* of the exception; may be NULL */
	struct json *body; /* NULL when it is no JSON */
	struct str text;
};

/*
 * 0 with whatever the service answered; −ENOENT without credentials, else as fetch(). The text says
 * what to do.
 */
int aws_api_call(
    struct aws_api *api, const struct aws_call *call, struct aws_reply *ret, struct err *e);
void aws_reply_finish(struct aws_reply *reply);

/* Throttled, 5xx or a time-out of the service's own: worth repeating. */
bool aws_reply_is_transient(const struct aws_reply *reply);

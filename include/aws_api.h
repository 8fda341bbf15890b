#pragma once
/*
 * One signed call of an AWS API: signs with the credentials in force, corrects a wrong clock from
 * the answer's Date and repeats once, reads keys anew when they were refused and repeats once if
 * they are others by now. Throttling and 5xx are the caller's to repeat. Thread-safe.
 */
#include <stdint.h>

#include "aws_reply.h"
#include "cleanup.h"
#include "credential_chain.h"
#include "fetch.h"

struct aws_api;

/* chain and fetcher are borrowed for its life. chain NULL: its calls are not signed. */
int aws_api_new(
    struct credential_chain *chain, const struct fetcher *fetcher, struct aws_api **ret);
/* NULL is allowed. */
void aws_api_free(struct aws_api *api);
DEFINE_CLEANUP(struct aws_api *, aws_api_free);

/* Whose keys it signs with; NULL: nobody's. */
struct credential_chain *aws_api_chain(const struct aws_api *api);

struct aws_call {
	const char *url; /* scheme://host[:port] */
	const char *region;
	const char *service; /* "ecr", "sts" */
	const char *target;  /* X-Amz-Target of JSON 1.1, or NULL for the query protocol */
	const char *body;
	int64_t deadline_ms; /* monotonic; each try has LIMIT_API_CALL_MS besides */
};

/*
 * 0 with whatever the service answered, refusals too; −ENOENT without usable credentials, −EAGAIN
 * when those that there are cannot be had just now, −EINVAL for a URL that is none, else as
 * fetch(). The text says what to do.
 */
int aws_api_call(
    struct aws_api *api, const struct aws_call *call, struct aws_reply *ret, struct err *e);

/*
 * AWS's clock by the Date of its answers, in seconds since the epoch: off by less than
 * AWS_CLOCK_STEP_S once one has come.
 */
enum { AWS_CLOCK_STEP_S = 2 };
int64_t aws_api_now_s(const struct aws_api *api);

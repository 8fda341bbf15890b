#pragma once
/*
 * The runtime API of AWS Lambda, which hands out invocations and takes their answers (AWS Lambda
 * developer guide, "Using the Lambda runtime API for custom runtimes").
 */
#include <stdbool.h>
#include <stdint.h>

#include "fetch.h"

enum {
	/* The most that Lambda hands to a function. */
	LAMBDA_EVENT_MAX = 6 * 1024 * 1024,
	LAMBDA_REQUEST_ID_SIZE = 129,
};

struct lambda_runtime {
	const char *api;     /* host:port */
	struct fetcher wait; /* its stop ends the waiting for the next invocation */
	struct fetcher tell; /* nothing stops it: what was done is answered */
};

struct lambda_invocation {
	char id[LAMBDA_REQUEST_ID_SIZE];
	int64_t deadline_ms; /* monotonic */
	struct str body;     /* empty when too_large */
	bool too_large;
};

/*
 * Waits as long as it takes. 0, −ECANCELED by its stop, −EPROTO for an answer that is none, else
 * as fetch(); with a text. lambda_invocation_finish() it.
 */
int lambda_runtime_next(
    const struct lambda_runtime *runtime, struct lambda_invocation *ret, struct err *e);
void lambda_invocation_finish(struct lambda_invocation *invocation);

/*
 * Done; body: JSON. An answer that the API did not get is sent again a few times; one that it
 * refuses is logged: there is none other to give. −EIO when the API is beyond that: then exit.
 */
int lambda_runtime_respond(
    const struct lambda_runtime *runtime, const char *id, const char *body, struct err *e);

/* Lambda delivers the event again, and after its last try hands it to the dead-letter queue. */
struct lambda_failure {
	const char *type; /* Category.Reason */
	const char *message;
};
/* The same. id NULL: the function could not start. */
int lambda_runtime_fail(const struct lambda_runtime *runtime, const char *id,
    const struct lambda_failure *failure, struct err *e);

#pragma once
/*
 * What an invocation is answered with. Done: created, exists already, denied, not ours; then Lambda
 * does not deliver the event again. Failed: all that may succeed later, by itself or once somebody
 * has put it right (throttling, 5xx, a missing right, a full registry, what is no JSON).
 */
#include <stdio.h>

#include "config.h"
#include "lambda_budget.h"
#include "lambda_runtime.h"
#include "registry_book.h"
#include "stop.h"

enum { LAMBDA_ERROR_TYPE_SIZE = 64 };

/* Borrows all but the budget. */
struct lambda_handler {
	const struct config *config;
	struct registry_book *book;
	const struct stop *stop;
	const char *host_name; /* of this machine, for ${host} */
	const char *function;  /* its name, for metrics */
	FILE *metrics;
	struct lambda_budget budget;
};

struct lambda_answer {
	bool failed;
	char type[LAMBDA_ERROR_TYPE_SIZE]; /* of the failure: EcrUpsertd.REASON */
	struct str body;                   /* of the response */
	struct err message;                /* of the failure */
};

/*
 * Ends before the invocation's deadline, with a log line and a metric for each event. *ret comes
 * zeroed; lambda_answer_finish() it.
 */
void lambda_handle(struct lambda_handler *handler, const struct lambda_invocation *invocation,
    struct lambda_answer *ret);
void lambda_answer_finish(struct lambda_answer *answer);

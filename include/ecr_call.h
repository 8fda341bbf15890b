#pragma once
/* One call of ECR's control API: sent, and its answer sorted by what is to be done about it. */
#include <stdint.h>

#include "aws_api.h"
#include "registry.h"

enum ecr_outcome {
	ECR_DONE,
	ECR_ALREADY_EXISTS, /* CreateRepository: somebody else did */
	ECR_NOT_FOUND,      /* DescribeRepositories: there is none */
	ECR_TRANSIENT,      /* throttled, 5xx, no answer: repeat within the deadline */
	ECR_UNCLEAR,        /* CreateRepository, instead: it may have been carried out */
	ECR_LIMIT_EXCEEDED, /* the registry is full: final */
	ECR_ACCESS_DENIED,  /* final until somebody grants it */
	ECR_INVALID,        /* name or settings refused: final */
	ECR_NO_CREDENTIALS, /* none, unknown or expired ones */
};

struct ecr_call {
	const struct registry *registry;
	const char *name;       /* of the API's operation, which is the right's too */
	const char *repository; /* or NULL */
	const char *body;
	int64_t deadline_ms; /* monotonic */
};

/* The outcome by the answer's code, with its text; what a 2xx says is the caller's to read. */
enum ecr_outcome ecr_call(const struct ecr_call *call, struct aws_reply *ret, struct err *e);

/* ECR_TRANSIENT with a text, for a 2xx that is not ECR's: a proxy's or portal's page, say. */
enum ecr_outcome ecr_call_refuse_answer(const struct ecr_call *call, struct err *e);

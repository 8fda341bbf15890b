#pragma once
/* The calls of ECR's control API that the daemon makes, one function each (API 2015-09-21). */
#include <stdint.h>

#include "aws_api.h"
#include "registry.h"
#include "repository_settings.h"

enum ecr_outcome {
	ECR_DONE,
	ECR_ALREADY_EXISTS, /* CreateRepository: somebody else did */
	ECR_NOT_FOUND,      /* DescribeRepositories: there is none */
	ECR_TRANSIENT,      /* throttled, 5xx, no answer: repeat within the deadline */
	ECR_LIMIT_EXCEEDED, /* the registry is full: final */
	ECR_ACCESS_DENIED,  /* final until somebody grants it */
	ECR_INVALID,        /* name or settings refused: final */
	ECR_NO_CREDENTIALS, /* none, unknown or expired ones */
};

/* All of them: the outcome, and with any but DONE, ALREADY_EXISTS, NOT_FOUND a text. */
enum ecr_outcome ecr_create_repository(const struct registry *registry, const char *repository,
    const struct repository_settings *settings, int64_t deadline_ms, struct err *e);

enum ecr_outcome ecr_describe_repository(
    const struct registry *registry, const char *repository, int64_t deadline_ms, struct err *e);

/*
 * *ret_token: the authorizationToken (base64, used as it is); secret_free() it. *ret_expires_s: by
 * this machine's clock, even a wrong one, 2 s to 12 h from now; what the service claims beyond
 * that, or in the past, counts as 12 h.
 */
enum ecr_outcome ecr_get_authorization_token(const struct registry *registry, int64_t deadline_ms,
    char **ret_token, int64_t *ret_expires_s, struct err *e);

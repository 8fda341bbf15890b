#pragma once
/* The calls of ECR's control API that the daemon makes, one function each (API 2015-09-21). */
#include <stdint.h>

#include "ecr_call.h"
#include "registry.h"
#include "repository_settings.h"

/* All of them: the outcome, and with any but DONE, ALREADY_EXISTS, NOT_FOUND a text. */
enum ecr_outcome ecr_create_repository(const struct registry *registry, const char *repository,
    const struct repository_settings *settings, int64_t deadline_ms, struct err *e);

/*
 * *ret_created_at: seconds since the epoch by AWS's clock, with their fraction; 0 when ECR did not
 * say. NULL: not asked for.
 */
enum ecr_outcome ecr_describe_repository(const struct registry *registry, const char *repository,
    int64_t deadline_ms, double *ret_created_at, struct err *e);

/*
 * *ret_token: the authorizationToken (base64, used as it is); secret_free() it. *ret_expires_s: by
 * this machine's clock, even a wrong one, 2 s to 12 h from now; what the service claims beyond
 * that, or in the past, counts as 12 h.
 */
enum ecr_outcome ecr_get_authorization_token(const struct registry *registry, int64_t deadline_ms,
    char **ret_token, int64_t *ret_expires_s, struct err *e);

#pragma once
/* The calls that complete a repository after CreateRepository. Both replace what there was. */
#include <stdint.h>

#include "ecr_call.h"

/* The outcome, and a text with all but ECR_DONE; the policies are JSON texts. */
enum ecr_outcome ecr_put_lifecycle_policy(const struct registry *registry, const char *repository,
    const char *policy, int64_t deadline_ms, struct err *e);
enum ecr_outcome ecr_set_repository_policy(const struct registry *registry, const char *repository,
    const char *policy, int64_t deadline_ms, struct err *e);

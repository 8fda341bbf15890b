#pragma once
/* A repository's tags after its creation (ListTagsForResource, UntagResource, API reference). */
#include <stdbool.h>
#include <stdint.h>

#include "ecr_call.h"

/* Has it this very tag? The outcome, and a text with all but ECR_DONE. */
enum ecr_outcome ecr_has_tag(const struct registry *registry, const char *repository,
    const char *key, const char *value, int64_t deadline_ms, bool *ret, struct err *e);
/* Also when there is none. The outcome, and a text with all but ECR_DONE. */
enum ecr_outcome ecr_remove_tag(const struct registry *registry, const char *repository,
    const char *key, int64_t deadline_ms, struct err *e);

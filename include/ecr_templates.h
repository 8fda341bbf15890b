#pragma once
/*
 * A registry's own repository creation templates: what ECR itself would give a new repository
 * (DescribeRepositoryCreationTemplates, API reference).
 */
#include <stdint.h>

#include "ecr_call.h"
#include "repository_settings.h"
#include "str.h"

/*
 * The template whose prefix is the longest that the name begins with, as whole components, else
 * ROOT's; whatever it is applied for. ECR_DONE with its settings in a zeroed *ret, to be finished;
 * ECR_NOT_FOUND: none fits; else the failure with a text, and *ret untouched.
 */
enum ecr_outcome ecr_find_creation_template(const struct registry *registry, const char *repository,
    int64_t deadline_ms, struct repository_settings *ret, struct err *e);

/*
 * The prefixes of the templates that create on push, ROOT among them, parted by ", ", appended to
 * ret. ECR_DONE, or the failure with a text.
 */
enum ecr_outcome ecr_list_create_on_push(
    const struct registry *registry, int64_t deadline_ms, struct str *ret, struct err *e);

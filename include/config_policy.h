#pragma once
/* Policies that the configuration holds or names, as the JSON text that ECR's API takes. */
#include "config_reader.h"

/* PutLifecyclePolicy and SetRepositoryPolicy, lifecyclePolicyText and policyText (API reference).
 */
enum { LIFECYCLE_POLICY_MAX = 30720, REPOSITORY_POLICY_MAX = 10240 };

/* An object of the configuration, minified. max: in characters. */
void config_read_policy(
    struct config_reader *reader, const struct json *node, size_t max, char **target);
/* A file that is named from the reader's folder: strict JSON, an object, minified. */
void config_read_policy_file(
    struct config_reader *reader, const struct json *node, size_t max, char **target);

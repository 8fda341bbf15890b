#pragma once
/* The configuration of the function. */
#include "config.h"
#include "options.h"

/*
 * --config, else ECR_UPSERTD_CONFIG, which names the file or, when it begins with '{', is its text;
 * else ecr-upsertd.json in LAMBDA_TASK_ROOT, where the package is; without any: the built-in one.
 * problems: as configuration_load().
 */
int lambda_config_load(const struct options *options, struct config **ret, struct str *problems);

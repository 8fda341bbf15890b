#pragma once
/*
 * Defaults of new repositories from the function's environment, under the names that AWS's sample
 * has: IMAGE_TAG_MUTABILITY, REPO_SCAN_ON_PUSH, REPO_TAGS (a JSON object). What deploys a function
 * can set these, but put nothing into its package. They lie over the built-in settings and under
 * the `defaults` of the rules file. Pure.
 */
#include "repository_settings.h"

/*
 * defaults: those of the rules file; they come to stand over the environment's. What is empty
 * counts as not set. 0, −EINVAL with a text that names the variable, −ENOMEM; defaults are as
 * before then.
 */
int lambda_defaults_apply(
    char *(*get)(const char *name), struct repository_settings *defaults, struct err *e);

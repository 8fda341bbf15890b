#pragma once
#include "exit_codes.h"
#include "options.h"

/*
 * `ecr-upsertd check-config`: every error of the configuration file on standard error. 0 valid,
 * 1 invalid, 2 unreadable or none.
 */
enum exit_code check_config(const struct options *options);

#pragma once
#include "exit_codes.h"
#include "options.h"

/* `ecr-upsertd repos`: what was created, whether a daemon is running or not. */
enum exit_code repos(const struct options *options);

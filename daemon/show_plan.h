#pragma once
/* ecr-upsertd plan: what a push of a name would get, from the configuration alone. */
#include "exit_codes.h"
#include "options.h"

enum exit_code show_plan(const struct options *options);

#pragma once
#include "exit_codes.h"
#include "options.h"

/* `ecr-upsertd doctor`: what would keep the daemon from its work, with the remedy of each. */
enum exit_code doctor(const struct options *options);

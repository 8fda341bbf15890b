#pragma once
/* The cloud side: the rules as a custom runtime of AWS Lambda. */
#include "exit_codes.h"
#include "options.h"

/* Until SIGTERM, or until the runtime API is gone. */
enum exit_code lambda(const struct options *options);

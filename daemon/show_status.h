#pragma once
#include "exit_codes.h"
#include "options.h"

/* `ecr-upsertd status`: asks the running daemon's admin listener and shows what it says. */
enum exit_code show_status(const struct options *options);

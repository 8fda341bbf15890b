#pragma once
#include "exit_codes.h"
#include "options.h"

/* `ecr-upsertd serve`: everything is checked and bound before anything starts; until SIGTERM. */
enum exit_code serve(const struct options *options);

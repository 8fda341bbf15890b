#pragma once
#include "exit_codes.h"
#include "options.h"

/* `ecr-upsertd wait`: asks /readyz of the admin listener until it says so or the time is up. */
enum exit_code wait_ready(const struct options *options);

#pragma once
/* "rules". */
#include "config_reader.h"
#include "rules.h"

/* Into the items of a struct rules whose defaults may be read before or after. */
void config_read_rules(struct config_reader *reader, const struct json *node, void *target);

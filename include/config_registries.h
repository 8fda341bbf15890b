#pragma once
/* "registries". */
#include "config.h"
#include "config_reader.h"

/* Into the registries of a struct config. */
void config_read_registries(struct config_reader *reader, const struct json *node, void *target);

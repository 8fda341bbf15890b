#pragma once
/* The keys of the configuration file's own object, and those of "create" and "log". */
#include "config.h"
#include "config_reader.h"

/* Into one that has its defaults. */
void config_read_root(struct config_reader *reader, const struct json *root, struct config *config);

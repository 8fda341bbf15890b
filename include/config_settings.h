#pragma once
/* "defaults" and the "settings" of a rule. */
#include "config_reader.h"
#include "repository_settings.h"

/* Into a zeroed struct repository_settings; the form of a config_key's read. */
void config_read_settings(struct config_reader *reader, const struct json *node, void *target);

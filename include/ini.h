#pragma once
/* AWS's shared configuration files: sections of key = value. Pure; nested blocks are passed over.
 */
#include <stddef.h>

#include "err.h"

/*
 * Calls back for each key with its section's name ("default", "profile x", …), both trimmed, in
 * order. A callback's non-zero ends the reading and is returned. −EBADMSG with the line's number.
 */
typedef int (*ini_entry)(void *userdata, const char *section, const char *key, const char *value);
int ini_parse(const char *text, size_t len, ini_entry entry, void *userdata, struct err *e);

#pragma once
/*
 * AWS's shared configuration files, read as botocore reads them: "[section]", "key = value" or
 * "key: value", whole-line comments that begin with '#' or ';'. A value is taken literally: neither
 * quotes nor a comment behind it are special. Keys are lower-cased. A line that is indented deeper
 * than the key before it belongs to that key: of a key without value it is a nested "key = value",
 * handed over as "outer.inner"; of any other it is passed over. A section, or a key within one,
 * that stands there twice is an error, as is what is no UTF-8. Pure.
 */
#include <stddef.h>

#include "err.h"

/*
 * Calls back for each section's head ("default", "profile x", …; key and value are NULL) and for
 * each key, in order; keys and values are trimmed. A callback's non-zero ends the reading and is
 * returned. −EBADMSG with the line's number, −ENOMEM; entries may have come before. The texts
 * are wiped after the call, since a value may be a secret.
 */
typedef int (*ini_entry)(void *userdata, const char *section, const char *key, const char *value);
int ini_parse(const char *text, size_t len, ini_entry entry, void *userdata, struct err *e);

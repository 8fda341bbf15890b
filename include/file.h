#pragma once
/* Small regular files, read whole. */
#include <stddef.h>

#include "str.h"

/*
 * Appends the file's bytes. 0, −ENOENT, −EACCES, −EISDIR (no regular file), −EMSGSIZE (longer than
 * max) or another −errno.
 */
int file_read(const char *path, size_t max, struct str *ret);

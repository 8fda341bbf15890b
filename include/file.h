#pragma once
/* Small regular files, read and written whole. */
#include <stddef.h>

#include "str.h"

/*
 * Appends the file's bytes. 0, −ENOENT, −EACCES, −EISDIR, −ENODEV (neither file nor folder),
 * −EMSGSIZE (longer than max) or another −errno.
 */
int file_read(const char *path, size_t max, struct str *ret);

/* All of it, on disk when it returns. 0 or −errno. */
int file_write_all(int fd, const void *bytes, size_t len);

/*
 * Puts a new file in the place of another or of none: readers see the one or the other, whole.
 * Only its owner may read it (0600). 0 or −errno; then the old one is untouched.
 */
int file_replace(const char *path, const void *bytes, size_t len);

#pragma once
/* Small files that belong to others too: replaced as a whole or not at all, and never lost. */
#include <stddef.h>

#include "err.h"

/*
 * Makes the missing folders (0755 less the umask), writes a file beside the path, syncs it and
 * renames it into place: a reader finds the old bytes or the new ones. A file that was there keeps
 * its mode and owner, a new one is 0644 less the umask. 0 or −errno with the path and the reason;
 * nothing half-written is left then.
 */
int write_file(const char *path, const char *bytes, size_t len, struct err *e);

/*
 * Gives what stands at the path a second name, the first of PATH.bak and PATH.ecr-upsertd.bak that
 * is free; nothing is ever overwritten. 0 (free *ret_copy), −EEXIST when both are taken, or another
 * −errno, with a line that says what to do.
 */
int write_file_keep(const char *path, char **ret_copy, struct err *e);

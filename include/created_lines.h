#pragma once
/* Reads created.jsonl, line by line and whatever is in it. Needs no lock. */
#include <stdbool.h>

#include "creation_record.h"
#include "err.h"

#define CREATED_FILE "created.jsonl"

enum { CREATED_LINE_MAX = 64 * 1024 }; /* octets; a longer one is junk */

/* `line` is as it stands in the file, without its newline. Not 0 ends the reading. */
typedef int (*created_callback)(
    const struct creation_record *record, const char *line, void *userdata);

/*
 * Every good line, oldest first; the others are counted and logged. No file: no line. What the
 * callback returned, 0 at the end, or −errno. *ret_torn: the last line has no newline.
 */
int created_lines_read(
    const char *state_dir, created_callback callback, void *userdata, bool *ret_torn);

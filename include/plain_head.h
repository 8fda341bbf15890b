#pragma once
/*
 * Was every line of a request's head plain: neither folded onto the next one nor with a NUL in it?
 *
 * libmicrohttpd 0.9.75 hides both. It parses in place and hands out NUL-terminated texts: a NUL
 * ends a text early, and process_broken_line() (connection.c) joins a folded line to the *name*,
 * in a fresh block of memory. But where each line was plain, names and values still lie in the
 * receive buffer one right after another, with nothing but what ends a line between them. So the
 * scan follows the addresses: whatever was skipped or moved leaves a gap.
 *
 * Lines may end in CRLF or in LF, all in the same way. Next to a bare LF, a NUL or (as the whole of
 * a line) a colon cannot be told from a CR, since all of them were overwritten: such a line reads
 * as one that ends in CRLF, in one meaning still.
 */
#include <stdbool.h>
#include <stddef.h>

/* Pure. Begin with the request line, then each field in order, then the end. */
struct plain_head {
	const char *at;  /* end of the last text */
	size_t line_end; /* octets that end a line; 0: not known yet */
	bool plain;
};

/* Where the parser left them; target_len as it was before anything was decoded. */
void plain_head_begin(struct plain_head *head, const char *method, const char *target,
    size_t target_len, const char *version);
void plain_head_field(struct plain_head *head, const char *name, size_t name_len, const char *value,
    size_t value_len);
/* `end` is the first octet after the empty line. */
bool plain_head_end(struct plain_head *head, const char *end);

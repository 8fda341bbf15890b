#pragma once
/*
 * A block of lines that is ours, between two comments (`#`: TOML and what looks like it), in a file
 * that may hold other lines too. Pure.
 */
#include <stdbool.h>

#include "str.h"

/* Appends the body, whole lines, between the two comments. 0 or −ENOMEM. */
int text_block_write(const char *body, struct str *ret);

/* Is there a block of ours in the text? Is it all that there is? */
bool text_block_is_in(const char *text);
bool text_block_is_all(const char *text);

/*
 * Appends the text with the block in the place of the one that it has, else behind its last line.
 * 0, −EBADMSG when a block begins in it and does not end, −ENOMEM.
 */
int text_block_merge(const char *text, const char *block, struct str *ret);

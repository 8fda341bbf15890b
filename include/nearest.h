#pragma once
/* Which known word was probably meant: for the message about an unknown one. Pure. */
#include <stddef.h>

/*
 * The known word with the fewest letters to change, insert or drop; the first of several, NULL when
 * none is known. Only the first NEAREST_MAX octets of each count.
 */
enum { NEAREST_MAX = 64 };
const char *nearest(const char *word, size_t word_len, const char *const *known, size_t known_len);

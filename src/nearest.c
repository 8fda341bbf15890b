#include "nearest.h"

#include <string.h>

static size_t shorter(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Levenshtein's, a row at a time. */
static size_t distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t row[NEAREST_MAX + 1];

	for (size_t j = 0; j <= b_len; j++)
		row[j] = j;
	for (size_t i = 0; i < a_len; i++) {
		size_t diagonal = row[0];

		row[0] = i + 1;
		for (size_t j = 0; j < b_len; j++) {
			size_t changed = diagonal + (a[i] != b[j]);

			diagonal = row[j + 1];
			row[j + 1] = shorter(changed, shorter(row[j], row[j + 1]) + 1);
		}
	}
	return row[b_len];
}

const char *nearest(const char *word, size_t word_len, const char *const *known, size_t known_len)
{
	const char *best = NULL;
	size_t best_distance = 0;

	for (size_t i = 0; i < known_len; i++) {
		size_t d = distance(
		    word, shorter(word_len, NEAREST_MAX), known[i], strnlen(known[i], NEAREST_MAX));

		if (!best || d < best_distance) {
			best = known[i];
			best_distance = d;
		}
	}
	return best;
}

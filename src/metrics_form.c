#include "metrics_form.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool is(const char *text, size_t len, const char *word)
{
	return len == strlen(word) && strncasecmp(text, word, len) == 0;
}

static void trim(const char **text, size_t *len)
{
	while (*len && strchr(" \t", **text)) {
		(*text)++;
		(*len)--;
	}
	while (*len && strchr(" \t", (*text)[*len - 1]))
		(*len)--;
}

/* The next piece up to the separator or the end, trimmed. False at the end. */
static bool next(
    const char **rest, const char *end, char separator, const char **ret, size_t *ret_len)
{
	const char *stop;

	if (*rest >= end)
		return false;
	stop = memchr(*rest, separator, (size_t)(end - *rest));
	if (!stop)
		stop = end;
	*ret = *rest;
	*ret_len = (size_t)(stop - *rest);
	*rest = stop + 1;
	trim(ret, ret_len);
	return true;
}

/* Of one media range: 0 to 1, 0 also when it asks for another type or version. */
static double quality_of(const char *range, size_t len, const char *type, const char *version)
{
	const char *end = range + len, *piece;
	double quality = 1;
	size_t piece_len;

	if (!next(&range, end, ';', &piece, &piece_len) || !is(piece, piece_len, type))
		return 0;
	while (next(&range, end, ';', &piece, &piece_len)) {
		if (piece_len > 2 && strncasecmp(piece, "q=", 2) == 0)
			quality = strtod(piece + 2, NULL);
		else if (piece_len > 8 && strncasecmp(piece, "version=", 8) == 0 &&
			 !is(piece + 8, piece_len - 8, version))
			return 0;
	}
	return quality;
}

static double best_quality(const char *accept, const char *type, const char *version)
{
	const char *end = accept + strlen(accept), *range;
	double best = 0;
	size_t len;

	while (next(&accept, end, ',', &range, &len)) {
		double quality = quality_of(range, len, type, version);

		if (quality > best)
			best = quality;
	}
	return best;
}

enum metrics_form metrics_form_of(const char *accept)
{
	double open, plain;

	if (!accept)
		return METRICS_PLAIN;
	open = best_quality(accept, "application/openmetrics-text", "1.0.0");
	plain = best_quality(accept, "text/plain", "0.0.4");
	return open > 0 && open >= plain ? METRICS_OPEN : METRICS_PLAIN;
}

const char *metrics_form_type(enum metrics_form form)
{
	return form == METRICS_OPEN ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
				    : "text/plain; version=0.0.4; charset=utf-8";
}

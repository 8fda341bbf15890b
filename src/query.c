#include "query.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "http_syntax.h"

bool query_next(const char **rest, struct query_pair *ret)
{
	if (!*rest)
		return false;
	ret->text = *rest;
	ret->len = strcspn(*rest, "&");
	*rest = ret->text[ret->len] ? ret->text + ret->len + 1 : NULL;
	return true;
}

/* One character as forms are read: "+" is a space. A broken escape stands for itself. */
static char decode_one(const char **text, const char *end)
{
	const char *at = (*text)++;

	if (*at == '%' && end - at >= 3 && http_hex_value(at[1]) >= 0 &&
	    http_hex_value(at[2]) >= 0) {
		*text = at + 3;
		return (char)(http_hex_value(at[1]) * 16 + http_hex_value(at[2]));
	}
	return *at == '+' ? ' ' : *at;
}

static size_t name_length(const struct query_pair *pair)
{
	const char *equals = memchr(pair->text, '=', pair->len);

	return equals ? (size_t)(equals - pair->text) : pair->len;
}

bool query_named(const struct query_pair *pair, const char *name)
{
	const char *text = pair->text, *end = text + name_length(pair);

	while (text < end && *name)
		if (decode_one(&text, end) != *name++)
			return false;
	return text == end && *name == '\0';
}

int query_value(const struct query_pair *pair, char **ret)
{
	const char *end = pair->text + pair->len, *text = pair->text + name_length(pair);
	char *value = malloc(pair->len + 1), *at = value;

	if (!value)
		return -ENOMEM;
	text += text < end; /* the "=" */
	while (text < end)
		*at++ = decode_one(&text, end);
	*at = '\0';
	*ret = value;
	return 0;
}

int query_encode(struct str *out, const char *text)
{
	int r = 0;

	for (; *text && r == 0; text++) {
		unsigned char c = *text;

		r = isalnum(c) || strchr("-._~/:", c) ? str_append(out, text, 1)
						      : str_appendf(out, "%%%02X", c);
	}
	return r;
}

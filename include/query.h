#pragma once
/* The query of a target, pair by pair, so that what is not touched stays byte for byte. Pure. */
#include <stdbool.h>
#include <stddef.h>

#include "str.h"

struct query_pair {
	const char *text; /* "name=value", not decoded, not terminated */
	size_t len;
};

/* Pairs from *rest on, empty ones too; false after the last. *rest NULL: no query. */
bool query_next(const char **rest, struct query_pair *ret);

/* Is this, decoded, the name of the pair? */
bool query_named(const struct query_pair *pair, const char *name);

/* The value decoded ("" where there is none); free *ret. 0 or −ENOMEM. */
int query_value(const struct query_pair *pair, char **ret);

/* Appends text with all but unreserved characters, "/" and ":" escaped. 0 or −ENOMEM. */
int query_encode(struct str *out, const char *text);

#pragma once
/*
 * ${repository}, ${namespace}, ${name}, ${user}, ${host}, ${date}, ${account}, ${region} in the
 * values of tags. A `$` without `{` is itself. Pure.
 */
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "str.h"

struct variables {
	const char *repository;
	const char *user; /* or NULL: "" */
	const char *host; /* this machine's name */
	const char *account;
	const char *region;
	int64_t now_s; /* since the epoch; ${date} is its UTC day */
};

/* Octets of the known variable that the text begins with, `${` and `}` included; 0: none. */
size_t variables_span(const char *text);
/* 0, or −EINVAL with the reason: an unknown variable (names the nearest one) or an unclosed ${. */
int variables_check(const char *text, struct err *e);
/*
 * Appends the text with its variables filled in; what they give is not read again. The text passed
 * variables_check(). 0 or −ENOMEM.
 */
int variables_expand(const struct variables *variables, const char *text, struct str *ret);

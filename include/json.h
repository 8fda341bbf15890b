#pragma once
/*
 * JSON, read into an immutable tree and written piecewise; the only file that knows yajl. Input is
 * bounded by the caller, depth by JSON_DEPTH_MAX.
 */
#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "str.h"

enum { JSON_DEPTH_MAX = 64 };

struct json; /* a node; all belong to the root */

/*
 * Strict RFC 8259: one value, no comment, valid UTF-8, whole surrogate pairs. 0, −EBADMSG with the
 * reason (line and column), −ENOMEM. Free *ret.
 */
int json_parse(const char *text, size_t len, struct json **ret, struct err *e);
void json_free(struct json *root);
DEFINE_CLEANUP(struct json *, json_free);

/*
 * Member of an object (the first of that name), element of an array; NULL when there is none or
 * node is NULL.
 */
const struct json *json_get(const struct json *node, const char *name);
const struct json *json_at(const struct json *node, size_t index);

/* NULL or the default when the node is missing or of another type; a string with a NUL is NULL. */
const char *json_string(const struct json *node);
double json_number(const struct json *node, double otherwise);

/* Appends a quoted and escaped string. Octets that are no UTF-8 become U+FFFD. 0 or −ENOMEM. */
int json_write_string(struct str *out, const char *text);

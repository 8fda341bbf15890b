#pragma once
/*
 * JSON, read into an immutable tree and written piecewise. Input is
 * bounded by the caller, depth by JSON_DEPTH_MAX.
 */
#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "str.h"

enum { JSON_DEPTH_MAX = 64 };
enum json_kind { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_OBJECT, JSON_ARRAY };

struct json; /* a node; all belong to the root */

/*
 * Strict RFC 8259: one value, no comment, valid UTF-8, whole surrogate pairs. 0, −EBADMSG with
 * "line:column: reason", −ENOMEM. Free *ret.
 */
int json_parse(const char *text, size_t len, struct json **ret, struct err *e);
/* The same with comments as in C between tokens: for a file that people write. */
int json_parse_commented(const char *text, size_t len, struct json **ret, struct err *e);
void json_free(struct json *root);
DEFINE_CLEANUP(struct json *, json_free);

enum json_kind json_kind(const struct json *node);

/* Member of an object, the first of that name; NULL when there is none or node is NULL. */
const struct json *json_get(const struct json *node, const char *name);
/* Member or element in the order of the text; NULL when there is none or node is NULL. */
const struct json *json_at(const struct json *node, size_t index);
size_t json_len(const struct json *node);
/* Of a member of an object, else NULL. */
const char *json_name(const struct json *node);

/* Octets from the start of the text to the value's first one, to its name's opening quote. */
size_t json_start(const struct json *node);
size_t json_name_start(const struct json *node);

/* NULL or the default when the node is missing or of another type; a string with a NUL is NULL. */
const char *json_string(const struct json *node);
double json_number(const struct json *node, double otherwise);
bool json_bool(const struct json *node, bool otherwise);

/* Appends a quoted and escaped string. Octets that are no UTF-8 become U+FFFD. 0 or −ENOMEM. */
int json_write_string(struct str *out, const char *text);
/* The same, and null for NULL. */
int json_write_string_or_null(struct str *out, const char *text);
/* Appends the node without blanks, numbers as they were written. 0 or −ENOMEM. */
int json_write(struct str *out, const struct json *node);

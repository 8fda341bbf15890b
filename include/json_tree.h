#pragma once
/* The nodes behind json.h, for the parser that builds them. */
#include "json.h"

/* Children lie in their parent's array: only the newest of each level may still be growing. */
struct json {
	enum json_kind kind;
	char *name; /* as a member of an object */
	size_t name_start;
	size_t start;
	char *string; /* of a number: as it was written */
	size_t string_len;
	double number;
	bool truth;
	struct json *children;
	size_t len;
	size_t cap;
};

/* A zeroed child at the end, or NULL without memory. Moves its elder siblings. */
struct json *json_append_child(struct json *parent);

/* json_write_string() of text that may hold a NUL. */
int json_write_octets(struct str *out, const char *text, size_t len);

#pragma once
/* The nodes behind json.h, for the parser that builds them. */
#include "json.h"

enum json_kind { JSON_LITERAL, JSON_NUMBER, JSON_STRING, JSON_OBJECT, JSON_ARRAY };

/* Children lie in their parent's array: only the newest of each level may still be growing. */
struct json {
	enum json_kind kind;
	char *name; /* as a member of an object */
	char *string;
	size_t string_len;
	double number;
	struct json *children;
	size_t len;
	size_t cap;
};

/* A zeroed child at the end, or NULL without memory. Moves its elder siblings. */
struct json *json_append_child(struct json *parent);

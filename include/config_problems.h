#pragma once
/* What is wrong in a configuration file, and where: collected, then told in the file's order. Pure.
 */
#include <stddef.h>

#include "json.h"
#include "str.h"

struct config_problem {
	size_t at; /* octet of the text */
	char *text;
};

/* Zeroed: none. */
struct config_problems {
	struct config_problem *items;
	size_t len;
	size_t cap;
	int code; /* 0, or −ENOMEM once something could not be kept */
};

/* A value as a message shows it: long ones are cut. */
struct config_shown {
	char text[96];
};
struct config_shown config_shown(const char *text);

void config_problem(struct config_problems *problems, size_t at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

struct config_named {
	const char *text;
	size_t at;
};
/* A problem for each whose text an earlier one has. Reorders the items. what: "rule", … */
void config_find_duplicates(
    struct config_problems *problems, struct config_named *items, size_t len, const char *what);
/* The same for the names of each object in the tree. */
void config_find_duplicate_keys(struct config_problems *problems, const struct json *root);

/* The same for what the list's elements have under that key. */
void config_find_duplicate_values(
    struct config_problems *problems, const struct json *list, const char *key, const char *what);

/* Appends a line "name:line:column: reason\n" for each, in the order of the text. 0 or −ENOMEM. */
int config_problems_write(
    struct config_problems *problems, const char *name, const char *text, struct str *ret);
void config_problems_finish(struct config_problems *problems);

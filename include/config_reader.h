#pragma once
/*
 * Values of the configuration file, each checked as it is read. A reader that finds a problem notes
 * it and leaves its target as it is, so that one run finds all of them. Pure.
 */
#include <stdbool.h>

#include "config_problems.h"
#include "json.h"

struct config_reader {
	struct config_problems problems;
	const char *folder; /* policy files are named from here */
	bool unsafe_listen; /* the file says so, wherever it does */
};

/* A member that an object may have. */
struct config_key {
	const char *name;
	void (*read)(struct config_reader *reader, const struct json *value, void *target);
};
enum { CONFIG_KEYS_MAX = 16 }; /* of one object */

/* Reads each member by its key; an unknown one is a problem that names the nearest. */
void config_read_object(struct config_reader *reader, const struct json *node,
    const struct config_key *keys, size_t len, void *target);

/* "KEY must be WHAT". The elements of a list are called by the list's key. */
void config_must_be(struct config_reader *reader, const struct json *node, const char *what);
/* Is it of that kind? Else it must be `what`. */
bool config_is(
    struct config_reader *reader, const struct json *node, enum json_kind kind, const char *what);

/* A text that is not empty and has no control character, or NULL. Borrowed. */
const char *config_text(struct config_reader *reader, const struct json *node);
/* Replaces the target. */
void config_copy(struct config_reader *reader, const char *text, char **target);
/* Both. */
void config_read_text(struct config_reader *reader, const struct json *node, char **target);

/* Digits without sign, fraction and exponent. */
bool config_read_unsigned(struct config_reader *reader, const struct json *node, unsigned min,
    unsigned max, unsigned *target);
void config_read_bool(struct config_reader *reader, const struct json *node, bool *target);

/* Index into the NULL-terminated words, or −1. */
int config_read_word(
    struct config_reader *reader, const struct json *node, const char *const *words);

/*
 * A list into NULL-terminated texts; element makes a text of one, or notes why not. Each only once.
 */
void config_read_list(struct config_reader *reader, const struct json *node,
    void (*element)(struct config_reader *reader, const struct json *node, char **target),
    char ***target);
/* NULL is allowed. */
void config_list_free(char **list);

#pragma once
/*
 * A growable string. Any of them may come to hold a token or key, so every buffer is wiped before
 * it is given back: one rule instead of two kinds of string.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "cleanup.h"

/* Zeroed means empty. data is NUL-terminated once anything was appended, else NULL. */
struct str {
	char *data;
	size_t len;
	size_t cap;
};

/* All return 0 or −ENOMEM; on failure the string is as before. */
int str_append(struct str *s, const void *bytes, size_t len);
int str_append_text(struct str *s, const char *text);
int str_appendf(struct str *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The text, "" when empty. Valid until the string changes. */
const char *str_text(const struct str *s);

/* Empties it, wiping the bytes and keeping the memory. */
void str_clear(struct str *s);

/* Wipes and frees; s is zeroed and may be used again. NULL is allowed. */
void str_finish(struct str *s);

/* Wipes and frees a NUL-terminated secret. NULL is allowed. */
void secret_free(char *secret);

/* strdup() of the first len bytes, or NULL. */
char *str_copy(const char *bytes, size_t len);

/* strdup() of what may be NULL, which leaves *ret as it is. 0 or −ENOMEM. */
int str_dup(const char *text, char **ret);

/* Both NULL, or the same text? */
bool str_same(const char *a, const char *b);

#define _cleanup_str_ _cleanup_(str_finish)
DEFINE_CLEANUP(char *, secret_free);

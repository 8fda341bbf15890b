#pragma once
/* JSON as text, before and beside its parser: what yajl must not see, and where an error is. */
#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "str.h"

/*
 * NULL, or the reason and its place for what yajl 2.1.0 lets pass: vertical tab and form feed as
 * space, overlong and surrogate UTF-8, half surrogate pairs (read as '?'; over-read by unpatched
 * builds, CVE-2017-16516).
 */
const char *json_text_check(const char *text, size_t len, size_t *ret_at);

/* Makes blanks of comments, every other octet keeps its place. NULL, or the reason and its place.
 */
const char *json_text_blank_comments(char *text, size_t len, size_t *ret_at);

/* From `at` over blanks and one ',' or ':' to where a token begins, or len. */
size_t json_text_skip(const char *text, size_t len, size_t at);

struct json_place {
	size_t line, column; /* from 1; columns in characters */
};
/* Over the next len octets of the text. */
void json_text_advance(struct json_place *place, const char *text, size_t len);

/* −EBADMSG and "line:column: reason". */
int json_text_fail(struct err *e, const char *text, size_t at, const char *reason);

/* Appends the text, what is no UTF-8 as U+FFFD. 0 or −ENOMEM. */
int json_text_copy(struct str *out, const char *text, size_t len);

/*
 * Where the fault is, when the last good token ended at `end`. yajl 2.1.0 has consumed up to the
 * octet that is part of no token (lexical; before it, if it is a control character), over the token
 * that may not be there, or up to what follows the value that should have been the last.
 */
size_t json_text_fault(const char *text, size_t len, size_t end, size_t consumed, bool lexical);

/*
 * What a person did at this fault (of json_text_fault()), in plain words for the usual mistakes;
 * else as yajl says it.
 */
const char *json_text_reason(
    const char *text, size_t len, size_t end, size_t at, const char *otherwise);

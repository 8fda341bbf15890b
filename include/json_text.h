#pragma once
/* JSON as text, before and beside its parser: what yajl must not see, and where an error is. */
#include <stddef.h>

#include "err.h"

/*
 * 0, or −EBADMSG for what yajl 2.1.0 lets pass: vertical tab and form feed as space, overlong and
 * surrogate UTF-8, half surrogate pairs (read as '?'; over-read by unpatched builds,
 * CVE-2017-16516).
 */
int json_text_check(const char *text, size_t len, struct err *e);

/* −EBADMSG and the reason with its line and column, both from 1, columns in characters. */
int json_text_fail(struct err *e, const char *text, size_t at, const char *reason);

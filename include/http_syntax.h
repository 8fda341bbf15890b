#pragma once
/* The smallest pieces of HTTP's grammar, for requests and answers alike (RFC 9110 §5). Pure. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* token = 1*tchar (RFC 9110 §5.6.2) */
bool http_is_token(const char *text, size_t len);

/* No control character but TAB: what two readers could take for the end of a field (§5.5). */
bool http_is_field_value(const char *text, size_t len);

/* 1*DIGIT that fits, without sign, space or list (§8.6). 0 or −EINVAL. */
int http_parse_length(const char *text, int64_t *ret);

/* 0 to 15 of a HEXDIG in either case (RFC 5234 §B.1), −1 of any other. */
int http_hex_value(char c);

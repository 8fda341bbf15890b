#pragma once
/* UTF-8 as RFC 3629 has it: no overlong form, no surrogate, nothing above U+10FFFF. Pure. */
#include <stddef.h>

/* Octets of the well-formed character at text, 1 to 4; 0 when there is none within len. */
size_t utf8_length(const char *text, size_t len);

#pragma once
#include <stdint.h>

/* Decimal digits only: no sign and no space, which strtoll() takes. Else, or above max: −EINVAL. */
int number_parse(const char *text, int64_t max, int64_t *ret);

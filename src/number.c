#include "number.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int number_parse(const char *text, int64_t max, int64_t *ret)
{
	long long number;

	if (*text == '\0' || text[strspn(text, "0123456789")] != '\0')
		return -EINVAL;
	errno = 0;
	number = strtoll(text, NULL, 10);
	if (errno || number > max)
		return -EINVAL;
	*ret = number;
	return 0;
}

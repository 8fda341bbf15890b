#pragma once
#include <stdlib.h>

/* getenv(), as those take it that only read what it returns. */
static inline const char *environment(const char *name)
{
	return getenv(name);
}

#include "journal_stream.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { TEXT_MAX = 48 };

bool journal_stream_is(int fd, const char *value)
{
	char text[TEXT_MAX];
	struct stat seen;

	if (!value || fstat(fd, &seen) < 0)
		return false;
	snprintf(text, sizeof(text), "%ju:%ju", (uintmax_t)seen.st_dev, (uintmax_t)seen.st_ino);
	return strcmp(text, value) == 0;
}

#include "repository_name.h"

#include <stddef.h>
#include <string.h>

static bool is_alphanumeric(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool repository_name_has(char c)
{
	return is_alphanumeric(c) || c == '.' || c == '_' || c == '-';
}

/* What may join two runs of letters and digits: ".", "_", "__" or any number of "-"; or "/". */
static bool is_separator(const char *text, size_t len)
{
	if (len == 1)
		return strchr("./_-", *text);
	return strspn(text, "-") >= len || (len == 2 && memcmp(text, "__", 2) == 0);
}

bool repository_name_is_valid(const char *name)
{
	size_t len = strnlen(name, REPOSITORY_NAME_MAX + 1), at = 0;

	if (len < REPOSITORY_NAME_MIN || len > REPOSITORY_NAME_MAX)
		return false;
	for (;;) {
		size_t separator;

		if (!is_alphanumeric(name[at]))
			return false;
		while (is_alphanumeric(name[at]))
			at++;
		if (name[at] == '\0')
			return true;
		separator = strcspn(name + at, "abcdefghijklmnopqrstuvwxyz0123456789");
		if (!is_separator(name + at, separator))
			return false;
		at += separator;
	}
}

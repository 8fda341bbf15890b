#include "http_target.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "http_syntax.h"

static const char *escape_fault(const char *escape, bool in_path)
{
	int high = http_hex_value(escape[1]), low = high < 0 ? -1 : http_hex_value(escape[2]), c;

	if (low < 0)
		return "a '%' without two hexadecimal digits";
	c = high * 16 + low;
	if (c == 0)
		return "an encoded NUL";
	if (!in_path)
		return NULL;
	if (c < 0x20 || c == 0x7f)
		return "an encoded control character in the path";
	if (c == '/' || c == '\\')
		return "an encoded slash in the path";
	/* Equal to the plain character (RFC 3986 §6.2.2.2), and so a second spelling of the path.
	 */
	if (isalnum(c) || strchr("-._~", c))
		return "an encoded letter, digit or dot in the path";
	return NULL;
}

static const char *bytes_fault(const char *target)
{
	bool in_path = true;

	for (const char *c = target; *c; c++) {
		const char *fault = NULL;

		if (*c <= 0x20 || *c >= 0x7f) /* also what is negative: 8-bit */
			return "a space, control or 8-bit character in the target";
		if (*c == '#')
			return "a fragment in the target";
		if (*c == '\\')
			return "a backslash in the target";
		if (*c == '?')
			in_path = false;
		if (*c == '%')
			fault = escape_fault(c, in_path);
		if (fault)
			return fault;
	}
	return NULL;
}

static const char *segments_fault(const char *target)
{
	const char *end = target + strcspn(target, "?");

	for (const char *segment = target + 1; segment < end;) {
		size_t len = strcspn(segment, "/?");

		if (len == 0)
			return "an empty path segment";
		if ((len == 1 || len == 2) && strncmp(segment, "..", len) == 0)
			return "a dot segment in the path";
		segment += len + 1;
	}
	return NULL;
}

const char *http_target_fault(const char *target)
{
	const char *fault;

	if (*target != '/')
		return "the target is no path";
	fault = bytes_fault(target);
	return fault ? fault : segments_fault(target);
}

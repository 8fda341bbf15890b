#include "json_text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "utf8.h"

int json_text_fail(struct err *e, const char *text, size_t at, const char *reason)
{
	size_t line = 1, column = 1;

	for (size_t i = 0; i < at; i++) {
		if (text[i] == '\n') {
			line++;
			column = 1;
		} else if ((text[i] & 0xc0) != 0x80) {
			column++;
		}
	}
	return err_set(e, -EBADMSG, "line %zu, column %zu: %s", line, column, reason);
}

static bool reads_surrogate(const char *text, size_t left, unsigned kind)
{
	char digits[5] = {};

	if (left < 6 || text[0] != '\\' || text[1] != 'u')
		return false;
	memcpy(digits, text + 2, 4);
	return (strtoul(digits, NULL, 16) & 0xfc00) == kind;
}

int json_text_check(const char *text, size_t len, struct err *e)
{
	for (size_t i = 0; i < len;) {
		size_t step = utf8_length(text + i, len - i);

		if (step == 0)
			return json_text_fail(e, text, i, "invalid UTF-8");
		if ((unsigned char)text[i] < 0x20 && !memchr("\t\r\n", text[i], 3))
			return json_text_fail(e, text, i, "control character");
		if (reads_surrogate(text + i, len - i, 0xdc00))
			return json_text_fail(e, text, i, "half of a surrogate pair");
		if (reads_surrogate(text + i, len - i, 0xd800)) {
			step = 6;
			if (!reads_surrogate(text + i + 6, len - i - 6, 0xdc00))
				return json_text_fail(e, text, i, "half of a surrogate pair");
			step = 12;
		} else if (text[i] == '\\' && i + 1 < len) {
			step = 2;
		}
		i += step;
	}
	return 0;
}

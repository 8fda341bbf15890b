#include "json_text.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "utf8.h"

void json_text_advance(struct json_place *place, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\n') {
			place->line++;
			place->column = 1;
		} else if ((text[i] & 0xc0) != 0x80) {
			place->column++;
		}
	}
}

int json_text_fail(struct err *e, const char *text, size_t at, const char *reason)
{
	struct json_place place = {1, 1};

	json_text_advance(&place, text, at);
	return err_set(e, -EBADMSG, "%zu:%zu: %s", place.line, place.column, reason);
}

size_t json_text_skip(const char *text, size_t len, size_t at)
{
	bool separated = false;

	for (; at < len && memchr(" \t\r\n,:", text[at], 6); at++) {
		if (separated && memchr(",:", text[at], 2))
			break;
		separated |= !!memchr(",:", text[at], 2);
	}
	return at;
}

/* Octets of the character, or 0 with the reason. */
static size_t check_character(const char *text, size_t left, const char **ret_reason)
{
	size_t step = utf8_length(text, left);

	if (step == 0) {
		*ret_reason = "invalid UTF-8";
	} else if ((unsigned char)text[0] < 0x20 && !memchr("\t\r\n", text[0], 3)) {
		*ret_reason = "control character";
		step = 0;
	}
	return step;
}

static bool reads_surrogate(const char *text, size_t left, unsigned kind)
{
	char digits[5] = {};

	if (left < 6 || text[0] != '\\' || text[1] != 'u')
		return false;
	memcpy(digits, text + 2, 4);
	return (strtoul(digits, NULL, 16) & 0xfc00) == kind;
}

const char *json_text_check(const char *text, size_t len, size_t *ret_at)
{
	const char *reason = NULL;

	for (size_t i = 0; i < len;) {
		size_t step = check_character(text + i, len - i, &reason);

		*ret_at = i;
		if (step == 0)
			return reason;
		if (reads_surrogate(text + i, len - i, 0xdc00))
			return "half of a surrogate pair";
		if (reads_surrogate(text + i, len - i, 0xd800)) {
			if (!reads_surrogate(text + i + 6, len - i - 6, 0xdc00))
				return "half of a surrogate pair";
			step = 12;
		} else if (text[i] == '\\' && i + 1 < len) {
			step = 2;
		}
		i += step;
	}
	return NULL;
}

/* Past the closing quote; a line's end closes one too: no string goes on behind it. */
static size_t skip_string(const char *text, size_t len, size_t at)
{
	for (at++; at < len && text[at] != '"' && text[at] != '\n'; at++)
		if (text[at] == '\\' && at + 1 < len)
			at++;
	return at + (at < len);
}

/* Blanks the comment from *at, and moves it to the comment's end. */
static const char *blank_comment(char *text, size_t len, size_t *at)
{
	bool one_line = text[*at + 1] == '/';
	size_t start = *at, end = *at + 2;
	const char *reason = NULL;

	while (end < len && (one_line ? text[end] != '\n' : strncmp(text + end, "*/", 2) != 0)) {
		size_t step = check_character(text + end, len - end, &reason);

		*at = end;
		if (step == 0)
			return reason;
		end += step;
	}
	*at = start;
	if (end == len && !one_line)
		return "this comment is not closed";
	end += one_line ? 0 : 2;
	for (; *at < end; ++*at)
		if (text[*at] != '\n')
			text[*at] = ' ';
	return NULL;
}

const char *json_text_blank_comments(char *text, size_t len, size_t *ret_at)
{
	const char *reason = NULL;
	size_t at = 0;

	while (at < len && !reason) {
		if (text[at] == '"')
			at = skip_string(text, len, at);
		else if (text[at] == '/' && at + 1 < len && memchr("/*", text[at + 1], 2))
			reason = blank_comment(text, len, &at);
		else
			at++;
	}
	*ret_at = at;
	return reason;
}

int json_text_copy(struct str *out, const char *text, size_t len)
{
	int r = 0;

	for (size_t i = 0; i < len && r == 0;) {
		size_t step = utf8_length(text + i, len - i);

		r = step ? str_append(out, text + i, step) : str_append_text(out, "\xef\xbf\xbd");
		i += step ? step : 1;
	}
	return r;
}

size_t json_text_fault(const char *text, size_t len, size_t end, size_t consumed, bool lexical)
{
	size_t next = json_text_skip(text, len, end);
	size_t last = consumed - (consumed > 0);

	/* A long string is searched for its octet, a word or a number is not. */
	if (lexical && next < len && text[next] == '"' && last > next)
		return last + (last + 1 < len && (unsigned char)text[last + 1] < ' ');
	if (lexical)
		return next;
	return last >= end && last < next && memchr(",:", text[last], 2) ? last : next;
}

const char *json_text_reason(
    const char *text, size_t len, size_t end, size_t at, const char *otherwise)
{
	size_t before = at;

	while (before > 0 && memchr(" \t\r\n", text[before - 1], 4))
		before--;
	if (at >= len)
		return "the text ends before it is complete";
	if (at > json_text_skip(text, len, end)) /* within a string */
		return memchr("\r\n", text[at], 2) ? "this string is not closed in its line"
						   : otherwise;
	if (at == 0 && len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		return "a byte order mark: save the file as UTF-8 without one";
	if (memchr("}]", text[at], 2) && before > 0 && text[before - 1] == ',')
		return "nothing follows the comma before this: remove the comma";
	if (text[at] == '\'')
		return "strings are written in double quotes";
	if (memchr("/*#", text[at], 3))
		return "no comment is possible here";
	if (isalpha((unsigned char)text[at]) || text[at] == '_')
		return "no such word in JSON: write texts and keys in double quotes";
	return otherwise;
}

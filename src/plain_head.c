#include "plain_head.h"

#include <stdint.h>
#include <string.h>

/* Octets from a to b. They may lie in different blocks: what comes before a is "far away". */
static size_t gap(const char *a, const char *b)
{
	return (uintptr_t)b < (uintptr_t)a ? SIZE_MAX : (uintptr_t)b - (uintptr_t)a;
}

/* [from, to) holds the NUL that the parser wrote, then only blanks. */
static bool is_separator(const char *from, const char *to, const char *blanks)
{
	size_t len = gap(from, to);

	if (len == 0 || len == SIZE_MAX || *from)
		return false;
	for (const char *at = from + 1; at < to; at++) {
		if (!*at || !strchr(blanks, *at))
			return false;
	}
	return true;
}

static bool ends_line(struct plain_head *head, const char *next, size_t lines)
{
	size_t len = gap(head->at, next);

	if (!head->line_end && (len == lines || len == 2 * lines))
		head->line_end = len / lines;
	return head->line_end && len == lines * head->line_end;
}

void plain_head_begin(struct plain_head *head, const char *method, const char *target,
    size_t target_len, const char *version)
{
	*head = (struct plain_head){.at = version + strlen(version)};
	/* The parser takes the first blank as the method's end and the last as the target's. */
	head->plain = is_separator(method + strlen(method), target, " ") &&
		      is_separator(target + target_len, version, "");
}

void plain_head_field(
    struct plain_head *head, const char *name, size_t name_len, const char *value, size_t value_len)
{
	head->plain =
	    head->plain && ends_line(head, name, 1) && is_separator(name + name_len, value, " \t");
	head->at = value + value_len;
}

bool plain_head_end(struct plain_head *head, const char *end)
{
	return head->plain && ends_line(head, end, 2);
}

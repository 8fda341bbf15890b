#include "unit.h"

#include <string.h>

#include "plain_head.h"

/*
 * As libmicrohttpd leaves a head in its buffer; tests/unit/test_http_head.c puts the library itself
 * before it.
 */
/* A head with one field at most. */
static bool is_plain(const char *bytes, size_t len, size_t name, size_t value)
{
	struct plain_head head;

	plain_head_begin(&head, bytes, bytes + 4, 2, bytes + 7);
	if (name)
		plain_head_field(&head, bytes + name, strlen(bytes + name), bytes + value,
		    strlen(bytes + value));
	return plain_head_end(&head, bytes + len);
}

#define BYTES(s) s, sizeof(s) - 1
#define LINE     "GET\0/x\0HTTP/1.1"

START_TEST(lines_end_in_crlf_or_in_lf)
{
	ck_assert(is_plain(BYTES(LINE "\0\0A\0 b\0\0\0\0"), 17, 20));
	ck_assert(is_plain(BYTES(LINE "\0A\0 b\0\0"), 16, 19));
	ck_assert(is_plain(BYTES(LINE "\0\0\0\0"), 0, 0));
	ck_assert(is_plain(BYTES(LINE "\0\0"), 0, 0));
	ck_assert(!is_plain(BYTES(LINE "\0\0\0"), 0, 0));
	ck_assert(!is_plain(BYTES(LINE "\0\0A\0 b\0\0\0"), 17, 20));
	ck_assert(!is_plain(BYTES(LINE "\0A\0 b\0\0\0\0"), 16, 19));
	ck_assert(!is_plain(BYTES(LINE), 0, 0));
}
END_TEST

START_TEST(blanks_may_stand_before_a_value)
{
	ck_assert(is_plain(BYTES(LINE "\0\0A\0b\0\0\0\0"), 17, 19));
	ck_assert(is_plain(BYTES(LINE "\0\0A\0 \t b\0\0\0\0"), 17, 22));
	ck_assert(is_plain(BYTES(LINE "\0\0A\0 \0\0\0\0"), 17, 20));
	ck_assert(!is_plain(BYTES(LINE "\0\0A\0xb\0\0\0\0"), 17, 20));
	ck_assert(!is_plain(BYTES(LINE "\0\0A\0\0b\0\0\0\0"), 17, 20));
}
END_TEST

START_TEST(what_a_nul_or_a_fold_hides_leaves_a_gap)
{
	/* A: b NUL */
	ck_assert(!is_plain(BYTES(LINE "\0\0A\0 b\0\0\0\0\0"), 17, 20));
	/* A: b NUL c */
	ck_assert(!is_plain(BYTES(LINE "\0\0A\0 b\0c\0\0\0\0"), 17, 20));
	/* the name was moved behind the value */
	ck_assert(!is_plain(BYTES(LINE "\0\0\0\0 b\0\0 c\0\0\0\0Ac"), 30, 20));
	/* a line without a field before it */
	ck_assert(!is_plain(BYTES(LINE "\0\0\0\0A\0 b\0\0\0\0"), 19, 22));
}
END_TEST

START_TEST(a_text_in_another_place_is_not_next)
{
	const char bytes[] = LINE "\0\0AX b\0\0\0\0";
	struct plain_head head;

	/* a value before its name, ending where it would fit */
	plain_head_begin(&head, bytes, bytes + 4, 2, bytes + 7);
	plain_head_field(&head, bytes + 17, 1, bytes + 7, 8);
	ck_assert(!plain_head_end(&head, bytes + 19));
	/* a name that goes on */
	plain_head_begin(&head, bytes, bytes + 4, 2, bytes + 7);
	plain_head_field(&head, bytes + 17, 1, bytes + 20, 1);
	ck_assert(!plain_head_end(&head, bytes + 25));
}
END_TEST

START_TEST(the_request_line_too)
{
	const char nul_in_target[] = "GET\0/x\0y\0HTTP/1.1\0\0\0\0";
	const char nul_in_method[] = "GET\0T\0/x\0HTTP/1.1\0\0\0\0";
	struct plain_head head;

	plain_head_begin(&head, nul_in_target, nul_in_target + 4, 2, nul_in_target + 9);
	ck_assert(!plain_head_end(&head, nul_in_target + sizeof(nul_in_target) - 1));
	plain_head_begin(&head, nul_in_method, nul_in_method + 6, 2, nul_in_method + 9);
	ck_assert(!plain_head_end(&head, nul_in_method + sizeof(nul_in_method) - 1));
}
END_TEST

UNIT(plain_head, lines_end_in_crlf_or_in_lf, blanks_may_stand_before_a_value,
    what_a_nul_or_a_fold_hides_leaves_a_gap, a_text_in_another_place_is_not_next,
    the_request_line_too);

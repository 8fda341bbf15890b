#include "unit.h"

#include <errno.h>

#include "text_block.h"

#define BEGIN "# ecr-upsertd client-config: begin (what is in here will be replaced)\n"
#define END   "# ecr-upsertd client-config: end\n"

START_TEST(puts_the_body_between_comments)
{
	_cleanup_str_ struct str s = {};

	ck_assert_int_eq(text_block_write("a = 1\n", &s), 0);
	ck_assert_str_eq(str_text(&s), BEGIN "a = 1\n" END);
	ck_assert(text_block_is_in(str_text(&s)));
}
END_TEST

START_TEST(is_found_as_whole_lines)
{
	ck_assert(!text_block_is_in(""));
	ck_assert(!text_block_is_in("a = 1\n"));
	ck_assert(!text_block_is_in("# quoted: " BEGIN END));
	ck_assert(text_block_is_in("# quoted: " BEGIN BEGIN END));
}
END_TEST

START_TEST(is_all_or_not)
{
	ck_assert(text_block_is_all(BEGIN END));
	ck_assert(text_block_is_all(BEGIN "a\n" END));
	ck_assert(!text_block_is_all(""));
	ck_assert(!text_block_is_all(BEGIN "a\n"));
	ck_assert(!text_block_is_all(BEGIN "a\n" END "b"));
	ck_assert(!text_block_is_all("b\n" BEGIN "a\n" END));
	ck_assert(!text_block_is_all(BEGIN END BEGIN END));
}
END_TEST

START_TEST(is_put_behind_what_is_there)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
	    {"", BEGIN "n\n" END},
	    {"a\n", "a\n" BEGIN "n\n" END},
	    {"a", "a\n" BEGIN "n\n" END},
	    {"a\r\nb", "a\r\nb\n" BEGIN "n\n" END},
	    {BEGIN "old\nmore\n" END, BEGIN "n\n" END},
	    {"a\n" BEGIN END "b", "a\n" BEGIN "n\n" END "b"},
	    {"a\n#" BEGIN BEGIN "x #" END END "b\n", "a\n#" BEGIN BEGIN "n\n" END "b\n"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		_cleanup_str_ struct str s = {}, again = {};

		ck_assert_int_eq(text_block_merge(cases[i].text, BEGIN "n\n" END, &s), 0);
		ck_assert_str_eq(str_text(&s), cases[i].want);
		ck_assert_int_eq(text_block_merge(str_text(&s), BEGIN "n\n" END, &again), 0);
		ck_assert_str_eq(str_text(&again), cases[i].want);
	}
}
END_TEST

START_TEST(half_a_block_is_refused)
{
	_cleanup_str_ struct str s = {};

	ck_assert_int_eq(text_block_merge("a\n" BEGIN "b\n", "n", &s), -EBADMSG);
	ck_assert_int_eq(text_block_merge(END BEGIN "b\n", "n", &s), -EBADMSG);
	ck_assert_uint_eq(s.len, 0);
}
END_TEST

UNIT(text_block, puts_the_body_between_comments, is_found_as_whole_lines, is_all_or_not,
    is_put_behind_what_is_there, half_a_block_is_refused);

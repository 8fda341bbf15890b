#include "unit.h"

#include <string.h>

#include "config_problems.h"

static void must_write(struct config_problems *problems, const char *text, const char *lines)
{
	_cleanup_str_ struct str out = {};

	ck_assert_int_eq(config_problems_write(problems, "f", text, &out), 0);
	ck_assert_str_eq(str_text(&out), lines);
	config_problems_finish(problems);
	ck_assert_uint_eq(problems->len, 0);
}

START_TEST(come_in_the_order_of_the_text)
{
	static const char text[] = "\xc3\xa9 a\nb";
	struct config_problems problems = {};

	config_problem(&problems, 5, "third");
	config_problem(&problems, 0, "%s", "first");
	config_problem(&problems, 3, "second, a");
	config_problem(&problems, 3, "second, b");
	must_write(
	    &problems, text, "f:1:1: first\nf:1:3: second, a\nf:1:3: second, b\nf:2:1: third\n");
	must_write(&problems, text, "");
}
END_TEST

START_TEST(are_one_line_each)
{
	struct config_problems problems = {};

	config_problem(&problems, 0, "a\nb\x1b[31m");
	must_write(&problems, "", "f:1:1: a\\nb\\x1b[31m\n");
}
END_TEST

START_TEST(long_values_are_cut_between_characters)
{
	char text[1000];

	ck_assert_str_eq(config_shown("short").text, "short");
	for (size_t shift = 0; shift < 2; shift++) {
		struct config_shown shown;

		memset(text, 'x', shift);
		for (size_t i = shift; i + 2 < sizeof(text); i += 2)
			memcpy(text + i, "\xc3\xa9", 3);
		shown = config_shown(text);
		ck_assert_uint_ge(strlen(shown.text), 90);
		ck_assert_str_eq(shown.text + strlen(shown.text) - 5, "\xc3\xa9…");
	}
}
END_TEST

START_TEST(finds_duplicates)
{
	struct config_named items[] = {{"b", 3}, {"a", 2}, {"b", 0}, {"c", 1}, {"b", 4}};
	struct config_problems problems = {};

	config_find_duplicates(&problems, items, 5, "thing");
	config_find_duplicates(&problems, NULL, 0, "thing");
	must_write(&problems, "12345",
	    "f:1:4: thing \"b\" is given twice\nf:1:5: thing \"b\" is given twice\n");
}
END_TEST

START_TEST(finds_duplicate_keys_and_values)
{
	static const char text[] =
	    "[{\"n\":\"x\",\"o\":{\"a\":1,\"a\":1}},{\"n\":\"x\",\"n\":\"y\"},{\"n\":1},[],2]";
	_cleanup_(json_freep) struct json *root = NULL;
	struct config_problems problems = {};

	ck_assert_int_eq(json_parse(text, strlen(text), &root, NULL), 0);
	config_find_duplicate_keys(&problems, root);
	must_write(&problems, text,
	    "f:1:22: key \"a\" is given twice\nf:1:39: key \"n\" is given twice\n");
	config_find_duplicate_values(&problems, root, "n", "number");
	must_write(&problems, text, "f:1:35: number \"x\" is given twice\n");
}
END_TEST

START_TEST(many_take_no_time)
{
	struct config_problems problems = {};
	_cleanup_str_ struct str text = {}, out = {};

	for (int i = 0; i < 100000; i++) {
		ck_assert_int_eq(str_append_text(&text, "\n"), 0);
		config_problem(&problems, (size_t)i, "x");
	}
	ck_assert_int_eq(config_problems_write(&problems, "f", str_text(&text), &out), 0);
	ck_assert_str_eq(out.data + out.len - 14, "f:100000:1: x\n");
	config_problems_finish(&problems);
}
END_TEST

UNIT(config_problems, come_in_the_order_of_the_text, are_one_line_each,
    long_values_are_cut_between_characters, finds_duplicates, finds_duplicate_keys_and_values,
    many_take_no_time);

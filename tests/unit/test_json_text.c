#include "unit.h"

#include <errno.h>
#include <string.h>

#include "cleanup.h"
#include "json_text.h"

START_TEST(passes_what_yajl_may_see)
{
	static const char *const texts[] = {"", "{\"a\": [1,\r\n\t2]}", "\"\\ud83d\\ude00\"",
	    "\"\\\\ud800\"", "\"\xf0\x9f\x98\x80\"", "not JSON at all \\"};
	size_t at;

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		ck_assert_msg(!json_text_check(texts[i], strlen(texts[i]), &at), "%s", texts[i]);
}
END_TEST

START_TEST(stops_what_it_may_not)
{
	static const struct {
		const char *text;
		size_t at;
	} cases[] = {{"\v", 0}, {"a\f", 1}, {"\x01", 0}, {"\"\xff", 1}, {"\xc0\x80", 0},
	    {"\xed\xa0\x80", 0}, {"\\ud800", 0}, {"\\ud800\\ud800", 0}, {"\\uDC00", 0},
	    {"\\udbff\\u", 0}, {"\\\\\\udfff", 2}};
	size_t at = 7;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		ck_assert_msg(json_text_check(cases[i].text, strlen(cases[i].text), &at) != NULL,
		    "%s", cases[i].text);
		ck_assert_uint_eq(at, cases[i].at);
	}
	ck_assert_ptr_nonnull(json_text_check("\0", 1, &at));
}
END_TEST

START_TEST(comments_become_blanks)
{
	static const struct {
		const char *text, *blanked;
	} cases[] = {{"", ""}, {"// c", "    "}, {"1//\n2", "1  \n2"}, {"/**/1", "    1"},
	    {"/***/1", "     1"}, {"/* a\n\xc3\xa9 **/1", "    \n      1"},
	    {"\"// \\\" /* \"/*\"*/", "\"// \\\" /* \"     "}, {"1 / 2", "1 / 2"}, {"/", "/"},
	    {"// /*\n1 // */", "     \n1      "}, {"\"a\n// b", "\"a\n    "}, {"\"\\", "\"\\"},
	    {"// \\ud800", "         "}, {"//\r\n1", "   \n1"}};
	size_t at;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		_cleanup_(freep) char *text = strdup(cases[i].text);

		ck_assert_ptr_null(json_text_blank_comments(text, strlen(text), &at));
		ck_assert_str_eq(text, cases[i].blanked);
	}
}
END_TEST

START_TEST(comments_are_text_and_are_closed)
{
	static const struct {
		const char *text, *reason;
		size_t at;
	} cases[] = {{"1 /*", "not closed", 2}, {"/*/", "not closed", 0}, {"/* *", "not closed", 0},
	    {"/*\xff*/", "UTF-8", 2}, {"// \x01", "control", 3}};
	size_t at = 7;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		_cleanup_(freep) char *text = strdup(cases[i].text);
		const char *reason = json_text_blank_comments(text, strlen(text), &at);

		ck_assert_msg(reason && strstr(reason, cases[i].reason), "%s", cases[i].text);
		ck_assert_uint_eq(at, cases[i].at);
	}
}
END_TEST

START_TEST(counts_lines_and_characters)
{
	static const char text[] = "one\n\xc3\xa9\xc3\xa9x";
	struct err e = {};

	ck_assert_int_eq(json_text_fail(&e, text, 0, "start"), -EBADMSG);
	ck_assert_str_eq(e.text, "1:1: start");
	json_text_fail(&e, text, 8, "x");
	ck_assert_str_eq(e.text, "2:3: x");
}
END_TEST

START_TEST(skips_what_is_between_tokens)
{
	ck_assert_uint_eq(json_text_skip("a \t\r\n, b", 8, 1), 7);
	ck_assert_uint_eq(json_text_skip("1, ,2", 5, 1), 3);
	ck_assert_uint_eq(json_text_skip("  ", 2, 0), 2);
	ck_assert_uint_eq(json_text_skip("", 0, 0), 0);
}
END_TEST

START_TEST(says_what_a_person_did)
{
	static const struct {
		const char *text;
		size_t end, at;
		const char *words;
	} cases[] = {{"[1", 2, 2, "ends before"}, {"", 0, 0, "ends before"},
	    {"\xef\xbb\xbf{}", 0, 0, "byte order mark"}, {"[1, ]", 2, 4, "remove the comma"},
	    {"{,}", 1, 2, "remove the comma"}, {"['a']", 1, 1, "double quotes"},
	    {"[NaN]", 1, 1, "double quotes"}, {"[# x", 1, 1, "comment"}, {"[1 /", 2, 3, "comment"},
	    {"[\"\\q\"]", 1, 3, "else"}, {"]", 0, 0, "else"}, {"[1 2]", 2, 3, "else"},
	    {"[\"a\n", 1, 3, "not closed"}, {"[* */]", 1, 1, "comment"}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *reason = json_text_reason(
		    cases[i].text, strlen(cases[i].text), cases[i].end, cases[i].at, "else");

		ck_assert_msg(
		    strstr(reason, cases[i].words) != NULL, "<%s> %s", cases[i].text, reason);
	}
}
END_TEST

START_TEST(finds_the_fault)
{
	ck_assert_uint_eq(json_text_fault("[1,,2]", 6, 2, 4, false), 3);
	ck_assert_uint_eq(json_text_fault("[,1]", 4, 1, 2, false), 1);
	ck_assert_uint_eq(json_text_fault("[1 x]", 5, 2, 4, true), 3);
	ck_assert_uint_eq(json_text_fault("[\"a\\q\"]", 7, 1, 4, true), 3);
	ck_assert_uint_eq(json_text_fault("[\"a\n\"]", 6, 1, 3, true), 3);
	ck_assert_uint_eq(json_text_fault("1 [2]", 5, 1, 2, false), 2);
	ck_assert_uint_eq(json_text_fault("{\"a\" \"b\"}", 9, 4, 8, false), 5);
	ck_assert_uint_eq(json_text_fault("", 0, 0, 0, true), 0);
}
END_TEST

UNIT(json_text, passes_what_yajl_may_see, stops_what_it_may_not, comments_become_blanks,
    comments_are_text_and_are_closed, counts_lines_and_characters, skips_what_is_between_tokens,
    says_what_a_person_did, finds_the_fault);

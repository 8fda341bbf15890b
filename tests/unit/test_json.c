#include "unit.h"

#include <errno.h>
#include <string.h>

#include "json.h"

static struct json *parse(const char *text)
{
	struct err e = {};
	struct json *root = NULL;

	ck_assert_msg(json_parse(text, strlen(text), &root, &e) == 0, "%s: %s", text, e.text);
	return root;
}

START_TEST(reads_a_tree)
{
	_cleanup_(json_freep) struct json *root = parse(
	    "{\"a\":[1,-2.5e1,\"x\",true,null,{\"b\":\"\"}],\"\":\"empty\",\"c\":1795423072.492}");
	const struct json *list = json_get(root, "a");

	ck_assert_double_eq(json_number(json_at(list, 0), 7), 1);
	ck_assert_double_eq(json_number(json_at(list, 1), 7), -25);
	ck_assert_str_eq(json_string(json_at(list, 2)), "x");
	ck_assert_str_eq(json_string(json_get(json_at(list, 5), "b")), "");
	ck_assert_ptr_null(json_at(list, 6));
	ck_assert_str_eq(json_string(json_get(root, "")), "empty");
	ck_assert_double_eq(json_number(json_get(root, "c"), 0), 1795423072.492);
}
END_TEST

START_TEST(what_is_missing_or_of_another_type_is_null)
{
	_cleanup_(json_freep) struct json *root =
	    parse("{\"a\":[1],\"b\":true,\"s\":\"x\\u0000y\"}");

	ck_assert_ptr_null(json_get(root, "none"));
	ck_assert_ptr_null(json_get(json_get(root, "a"), "x"));
	ck_assert_ptr_null(json_at(root, 0));
	ck_assert_ptr_null(json_get(NULL, "a"));
	ck_assert_ptr_null(json_at(NULL, 0));
	ck_assert_ptr_null(json_string(NULL));
	ck_assert_ptr_null(json_string(json_get(root, "b")));
	ck_assert_ptr_null(json_string(json_get(root, "s")));
	ck_assert_double_eq(json_number(json_get(root, "b"), 7), 7);
	ck_assert_double_eq(json_number(NULL, 7), 7);
}
END_TEST

START_TEST(reads_any_value_at_the_root)
{
	static const char *const texts[] = {"0", "-0.0", "\"s\"", "null", "true", " \t\r\n[ ] \n",
	    "{}", "123456789012345678901234"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		_cleanup_(json_freep) struct json *root = parse(texts[i]);

		ck_assert_ptr_nonnull(root);
	}
}
END_TEST

START_TEST(unescapes)
{
	_cleanup_(json_freep) struct json *root =
	    parse("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e9\\ud83d\\ude00\\\\ud800 \x7f\"");

	ck_assert_str_eq(json_string(root), "\"\\/\b\f\n\r\tA\xc3\xa9\xf0\x9f\x98\x80\\ud800 \x7f");
}
END_TEST

START_TEST(the_first_of_two_equal_names_counts)
{
	_cleanup_(json_freep) struct json *root = parse("{\"a\":1,\"a\":2}");

	ck_assert_double_eq(json_number(json_get(root, "a"), 0), 1);
}
END_TEST

struct bad {
	const char *text;
	const char *reason; /* how it begins */
};

START_TEST(says_where_it_is_wrong)
{
	static const struct bad texts[] = {{"", "line 1, column 1: "}, {"{", "line 1, column 2: "},
	    {"{\n \"a\": x}", "line 2, column 7: "}, {"[1,\n2,]", "line 2, column 3: "},
	    {"[1] [2]", "line 1, column 5: "}, {"[1] x", "line 1, column 5: "},
	    {"// c\n1", "line 1, column 1: "}, {"/* c */1", "line 1, column 1: "},
	    {"{'a':1}", "line 1, column 2: "}, {"{a:1}", "line 1, column 2: "},
	    {"[NaN]", "line 1, column 2: "}, {"01", "line 1, column "},
	    {"[+1]", "line 1, column 2: "}, {"[1.]", "line 1, column "},
	    {"[.5]", "line 1, column 2: "}, {"\xef\xbb\xbf{}", "line 1, column 1: "},
	    {"\"\xc3\xa9\xff\"", "line 1, column 3: invalid UTF-8"},
	    {"\"\xed\xa0\x80\"", "line 1, column 2: invalid UTF-8"},
	    {"\"\xc0\xaf\"", "line 1, column 2: invalid UTF-8"},
	    {"[1,\v2]", "line 1, column 4: control character"},
	    {"[\f]", "line 1, column 2: control character"},
	    {"\"a\x01\"", "line 1, column 3: control character"}, {"\"a\nb\"", "line "},
	    {"\"\\ud800\"", "line 1, column 2: half"}, {"\"\\udc00\"", "line 1, column 2: half"},
	    {"\"\\ud800\\u0041\"", "line 1, column 2: half"},
	    {"\"\\ud800", "line 1, column 2: half"}, {"\"\\", "line 1, column "},
	    {"\"\\x\"", "line 1, column "}, {"\"\\u12\"", "line 1, column "},
	    {"[1e999]", "line 1, column 6: number out of range"},
	    {"{\"a\\u0000\":1}", "line 1, column "}, {"{\"a\":1,}", "line 1, column 8: "},
	    {"{\"a\"}", "line 1, column 5: "}, {"]", "line 1, column 1: "},
	    {"[1 2]", "line 1, column 4: "}};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct json *root = NULL;
		struct err e = {};

		ck_assert_msg(
		    json_parse(texts[i].text, strlen(texts[i].text), &root, &e) == -EBADMSG, "%s",
		    texts[i].text);
		ck_assert_msg(strncmp(e.text, texts[i].reason, strlen(texts[i].reason)) == 0,
		    "<%s> %s", texts[i].text, e.text);
		ck_assert_ptr_null(strchr(e.text, '\n'));
		ck_assert_ptr_null(root);
	}
}
END_TEST

START_TEST(a_nul_ends_no_text)
{
	struct json *root = NULL;

	ck_assert_int_eq(json_parse("[1]\0", 4, &root, NULL), -EBADMSG);
	ck_assert_ptr_null(root);
}
END_TEST

static int parse_nested(size_t depth, struct err *e)
{
	_cleanup_(json_freep) struct json *root = NULL;
	_cleanup_str_ struct str text = {};

	for (size_t i = 0; i < depth; i++)
		ck_assert_int_eq(str_append_text(&text, "["), 0);
	for (size_t i = 0; i < depth; i++)
		ck_assert_int_eq(str_append_text(&text, "]"), 0);
	return json_parse(text.data, text.len, &root, e);
}

START_TEST(depth_is_bounded)
{
	struct err e = {};

	ck_assert_int_eq(parse_nested(JSON_DEPTH_MAX, &e), 0);
	ck_assert_int_eq(parse_nested(JSON_DEPTH_MAX + 1, &e), -EBADMSG);
	ck_assert_ptr_nonnull(strstr(e.text, "nested too deeply"));
	ck_assert_int_eq(parse_nested(100000, NULL), -EBADMSG);
}
END_TEST

START_TEST(many_siblings_move_without_harm)
{
	_cleanup_(json_freep) struct json *root = NULL;
	_cleanup_str_ struct str text = {};

	ck_assert_int_eq(str_append_text(&text, "["), 0);
	for (int i = 0; i < 1000; i++)
		ck_assert_int_eq(str_appendf(&text, "{\"n\":[%d]},", i), 0);
	ck_assert_int_eq(str_append_text(&text, "0]"), 0);
	root = parse(text.data);
	for (int i = 0; i < 1000; i++)
		ck_assert_double_eq(
		    json_number(json_at(json_get(json_at(root, i), "n"), 0), -1), i);
}
END_TEST

START_TEST(writes_strings)
{
	_cleanup_str_ struct str text = {};

	ck_assert_int_eq(json_write_string(&text, "a\"b\\c/\n\x01\xc3\xa9\xff\xc3"), 0);
	ck_assert_int_eq(json_write_string(&text, ""), 0);
	ck_assert_str_eq(
	    str_text(&text), "\"a\\\"b\\\\c/\\n\\u0001\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd\"\"\"");
}
END_TEST

UNIT(json, reads_a_tree, what_is_missing_or_of_another_type_is_null, reads_any_value_at_the_root,
    unescapes, the_first_of_two_equal_names_counts, says_where_it_is_wrong, a_nul_ends_no_text,
    depth_is_bounded, many_siblings_move_without_harm, writes_strings);

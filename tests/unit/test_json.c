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
	ck_assert_double_eq(json_number(json_at(json_at(root, 0), 0), 7), 1);
	ck_assert_str_eq(json_name(json_at(root, 2)), "s");
	ck_assert_ptr_null(json_name(root));
	ck_assert_ptr_null(json_at(root, 3));
	ck_assert_ptr_null(json_at(json_get(root, "b"), 0));
	ck_assert_ptr_null(json_get(NULL, "a"));
	ck_assert_ptr_null(json_at(NULL, 0));
	ck_assert_ptr_null(json_string(NULL));
	ck_assert_ptr_null(json_string(json_get(root, "b")));
	ck_assert_ptr_null(json_string(json_get(root, "s")));
	ck_assert_double_eq(json_number(json_get(root, "b"), 7), 7);
	ck_assert_double_eq(json_number(NULL, 7), 7);
	ck_assert(json_bool(json_get(root, "b"), false));
	ck_assert(json_bool(NULL, true));
	ck_assert(!json_bool(json_get(root, "s"), false));
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
	static const struct bad texts[] = {{"", "1:1: "}, {"{", "1:2: "},
	    {"{\n \"a\": x}", "2:7: "}, {"[1,\n2,]", "2:3: "}, {"[1] [2]", "1:5: "},
	    {"[1] x", "1:5: "}, {"// c\n1", "1:1: "}, {"/* c */1", "1:1: "}, {"{'a':1}", "1:2: "},
	    {"{a:1}", "1:2: "}, {"[NaN]", "1:2: "}, {"01", "1:"}, {"[+1]", "1:2: "}, {"[1.]", "1:"},
	    {"[.5]", "1:2: "}, {"\xef\xbb\xbf{}", "1:1: "},
	    {"\"\xc3\xa9\xff\"", "1:3: invalid UTF-8"}, {"\"\xed\xa0\x80\"", "1:2: invalid UTF-8"},
	    {"\"\xc0\xaf\"", "1:2: invalid UTF-8"}, {"[1,\v2]", "1:4: control character"},
	    {"[\f]", "1:2: control character"}, {"\"a\x01\"", "1:3: control character"},
	    {"\"a\nb\"", ""}, {"\"\\ud800\"", "1:2: half"}, {"\"\\udc00\"", "1:2: half"},
	    {"\"\\ud800\\u0041\"", "1:2: half"}, {"\"\\ud800", "1:2: half"}, {"\"\\", "1:"},
	    {"\"\\x\"", "1:"}, {"\"\\u12\"", "1:"}, {"[1e999]", "1:2: number out of range"},
	    {"{\"a\\u0000\":1}", "1:"}, {"{\"a\":1,}", "1:8: "}, {"{\"a\"}", "1:5: "},
	    {"]", "1:1: "}, {"[1 2]", "1:4: "}, {"[1,,2]", "1:4: "}, {"[,1]", "1:2: "},
	    {"{\"a\"\n\"bc\"}", "2:1: "}, {"1 / 2", "1:3: "}, {"[\"a\\q\"]", "1:4: "},
	    {"[1, trux]", "1:5: "}, {"[1]\n\n ]", "3:2: "}};

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

START_TEST(tells_kinds_apart)
{
	static const struct {
		const char *text;
		enum json_kind kind;
	} cases[] = {{"null", JSON_NULL}, {"true", JSON_BOOL}, {"false", JSON_BOOL},
	    {"-1", JSON_NUMBER}, {"\"\"", JSON_STRING}, {"{}", JSON_OBJECT}, {"[]", JSON_ARRAY}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		_cleanup_(json_freep) struct json *root = parse(cases[i].text);

		ck_assert_int_eq(json_kind(root), cases[i].kind);
		ck_assert(json_bool(root, true) == (i != 2));
	}
}
END_TEST

/* Each place is where its word stands in the text. */
START_TEST(knows_where_each_token_begins)
{
	static const char text[] =
	    "/* \xc3\xa9 */ {\"o\" : //\n{ \"n\\u0041\":-1.50,\"t\"\t:true },"
	    "\"l\":[null,[], \"s\\n\",[[2]] ,7/**/]} // end";
	_cleanup_(json_freep) struct json *root = NULL;
	const struct json *o, *l;

	ck_assert_int_eq(json_parse_commented(text, strlen(text), &root, NULL), 0);
	o = json_get(root, "o");
	l = json_get(root, "l");
	ck_assert_uint_eq(json_start(root), strcspn(text, "{"));
	ck_assert_str_eq(json_name(json_at(o, 0)), "nA");
#define AT(offset, word) ck_assert_int_eq(strncmp(text + (offset), word, strlen(word)), 0)
	AT(json_name_start(o), "\"o\"");
	AT(json_start(o), "{ \"n");
	AT(json_name_start(json_at(o, 0)), "\"n\\u");
	AT(json_start(json_at(o, 0)), "-1.50");
	AT(json_name_start(json_get(o, "t")), "\"t\"");
	AT(json_start(json_get(o, "t")), "true");
	AT(json_name_start(l), "\"l\"");
	AT(json_start(json_at(l, 0)), "null");
	AT(json_start(json_at(l, 1)), "[]");
	AT(json_start(json_at(l, 2)), "\"s\\n\"");
	AT(json_start(json_at(l, 3)), "[[2]]");
	AT(json_start(json_at(json_at(l, 3), 0)), "[2]");
	AT(json_start(json_at(l, 4)), "7");
#undef AT
}
END_TEST

START_TEST(a_bare_number_begins_too)
{
	_cleanup_(json_freep) struct json *root = parse(" 12");

	ck_assert_uint_eq(json_start(root), 1);
}
END_TEST

START_TEST(comments_are_for_those_who_ask)
{
	static const char *const good[] = {"// a\n1", "1 // a", "/* \xc3\xa9 \\ud800 */[1,/**/2]",
	    "{\"a\"/**/:/**/\"//\"}", "1//"};
	static const struct bad bad[] = {{"[1 /*", "1:4: this comment is not closed"},
	    {"[1 / 2]", "1:4: "}, {"// x", "1:5: "}, {"# x\n1", "1:1: "},
	    {"/* \xc3\xa9 */ x", "1:9: "}, {"/* \xc3\xa9 */ \"\\ud800\"", "1:10: half"}};

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		_cleanup_(json_freep) struct json *root = NULL;
		struct json *strict = NULL;

		ck_assert_msg(json_parse_commented(good[i], strlen(good[i]), &root, NULL) == 0,
		    "%s", good[i]);
		ck_assert_int_eq(json_parse(good[i], strlen(good[i]), &strict, NULL), -EBADMSG);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct json *root = NULL;
		struct err e = {};

		ck_assert_int_eq(
		    json_parse_commented(bad[i].text, strlen(bad[i].text), &root, &e), -EBADMSG);
		ck_assert_msg(strncmp(e.text, bad[i].reason, strlen(bad[i].reason)) == 0, "<%s> %s",
		    bad[i].text, e.text);
		ck_assert_ptr_null(root);
	}
}
END_TEST

START_TEST(writes_null_for_no_string)
{
	_cleanup_str_ struct str out = {};

	ck_assert_int_eq(json_write_string_or_null(&out, NULL), 0);
	ck_assert_int_eq(json_write_string_or_null(&out, "\""), 0);
	ck_assert_str_eq(str_text(&out), "null\"\\\"\"");
}
END_TEST

START_TEST(writes_a_tree_without_blanks)
{
	static const char written[] =
	    "{\"a\":[1.50,-0,1E2,123456789012345678901234567890,true,false,"
	    "null,\"x\\u0000\\\"\",{},[]],\"\\n\":\"\"}";
	_cleanup_(json_freep) struct json *root =
	    parse(" { \"a\" : [ 1.50, -0, 1E2, 123456789012345678901234567890, true, false , null,"
		  "\"x\\u0000\\\"\",{ },[\n]], \"\\u000a\" :\"\"}");
	_cleanup_str_ struct str out = {};

	ck_assert_int_eq(json_write(&out, root), 0);
	ck_assert_str_eq(str_text(&out), written);
}
END_TEST

UNIT(json, reads_a_tree, what_is_missing_or_of_another_type_is_null, reads_any_value_at_the_root,
    unescapes, the_first_of_two_equal_names_counts, says_where_it_is_wrong, a_nul_ends_no_text,
    depth_is_bounded, many_siblings_move_without_harm, writes_strings, tells_kinds_apart,
    knows_where_each_token_begins, a_bare_number_begins_too, comments_are_for_those_who_ask,
    writes_null_for_no_string, writes_a_tree_without_blanks);

#include "unit.h"

#include <errno.h>
#include <string.h>

#include "ini.h"
#include "str.h"

static int collect(void *userdata, const char *section, const char *key, const char *value)
{
	return key ? str_appendf(userdata, "%s|%s|%s\n", section, key, value)
		   : str_appendf(userdata, "[%s]", section);
}

static int refuse(void *userdata, const char *section, const char *key, const char *value)
{
	(*(int *)userdata)++;
	return key ? -EBADMSG : 0;
}

static void check(const char *text, const char *expected)
{
	_cleanup_str_ struct str got = {};
	struct err e = {};

	ck_assert_msg(
	    ini_parse(text, strlen(text), collect, &got, &e) == 0, "%s: %s", text, e.text);
	ck_assert_str_eq(str_text(&got), expected);
}

static void check_refused(const char *text, size_t len, const char *reason)
{
	_cleanup_str_ struct str got = {};
	struct err e = {};

	ck_assert_int_eq(ini_parse(text, len, collect, &got, &e), -EBADMSG);
	ck_assert_msg(strstr(e.text, reason), "%s", e.text);
}

START_TEST(sections_and_keys)
{
	check("[default]\nregion = eu-west-1\noutput=json\n\n[profile x]\nA_Key : v=1:2\n",
	    "[default]default|region|eu-west-1\ndefault|output|json\n[profile x]profile "
	    "x|a_key|v=1:2\n");
	check("", "");
	check("[a]", "[a]");
	check("[a]\nk=v", "[a]a|k|v\n");
	check("[a]\nk=\n[b]\nk=2\n", "[a]a|k|\n[b]b|k|2\n");
}
END_TEST

START_TEST(blanks_comments_and_line_ends)
{
	check("# c\r\n;c\r\n  # c\r\n[a]\r\n\tk\t=\t v w \r\n\r\n# [b]\r\nl = 1\r\n",
	    "[a]a|k|v w\na|l|1\n");
	check("[a] # of mine\nk = v # no comment\nl = \"quoted\"\n",
	    "[a]a|k|v # no comment\na|l|\"quoted\"\n");
	check("[a]b]\nk=1\n", "[a]b]a]b|k|1\n");
	check("[a]\rk=1\rl=2\r\n\rm=3", "[a]a|k|1\na|l|2\na|m|3\n");
}
END_TEST

START_TEST(nested_blocks)
{
	check("[services s]\necr =\n  endpoint_url = http://a:1/\n  x = 2\nsts =\n  endpoint_url = "
	      "b\n",
	    "[services s]services s|ecr|\nservices s|ecr.endpoint_url|http://a:1/\nservices "
	    "s|ecr.x|2\n"
	    "services s|sts|\nservices s|sts.endpoint_url|b\n");
	/* A continued value is no key, and a comment or an empty line ends no block. */
	check("[a]\nk = v\n  more = of it\n\n  # c\n  and more\nl = 2\n", "[a]a|k|v\na|l|2\n");
	/* The first key of a section sets the indentation. */
	check("[a]\n  k = 1\n  l = 2\n    m = 3\nn = 4\n", "[a]a|k|1\na|l|2\na|n|4\n");
	check("[a]\n  k =\n    [x] = 3\n[b]\nn = 4\n", "[a]a|k|\na|k.[x]|3\n[b]b|n|4\n");
}
END_TEST

START_TEST(repeated_names)
{
	static const struct {
		const char *text, *line;
	} cases[] = {
	    {"[a]\nk=1\n[b]\n[a]\n", "line 4: a second"},
	    {"[a]\nk=1\n[b]\nk=1\nK : 2\n", "line 5: a second"},
	    {"[a]\n[]\n[a]\n", "line 2: neither"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		check_refused(cases[i].text, strlen(cases[i].text), cases[i].line);
	check("[a]\nk=1\n[b]\nk=2\n[A]\n[ a]\n", "[a]a|k|1\n[b]b|k|2\n[A][ a]");
	check("[a]\nk=\n  i = 1\n  i = 2\n", "[a]a|k|\na|k.i|1\na|k.i|2\n");
}
END_TEST

START_TEST(refusals_name_the_line)
{
	static const struct {
		const char *text, *line;
	} cases[] = {
	    {"k = 1\n", "line 1:"},
	    {"\r\n\r[a]\r\nsecret without separator\n", "line 4:"},
	    {"\n\n[a]\nsecret without separator\n", "line 4:"},
	    {"[a\nk=1\n", "line 1:"},
	    {"[]\n", "line 1:"},
	    {"[a]\n= 1\n", "line 2:"},
	    {"[a]\nk =\n  nested secret\n", "line 3:"},
	    {"[a]\nk =\n  = 1\n", "line 3:"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		check_refused(cases[i].text, strlen(cases[i].text), cases[i].line);
	check_refused("[a]\nk = x\0y\n", 12, "line 2:");
	check_refused("[a]\n# caf\xe9\n[b]\n", 14, "line 2: not UTF-8");
	check_refused("[a]\nk = \xc3\n\xa9\n", 12, "line 2: not UTF-8");
	check("[a]\n# caf\u00e9\nk = \u00e9\n", "[a]a|k|\u00e9\n");
}
END_TEST

START_TEST(no_text_of_the_file_in_the_reason)
{
	struct err e = {};
	_cleanup_str_ struct str got = {};

	ck_assert_int_eq(ini_parse("[a]\nwJalrXUtnFEMI", 17, collect, &got, &e), -EBADMSG);
	ck_assert_ptr_null(strstr(e.text, "wJalr"));
}
END_TEST

START_TEST(a_callback_ends_the_reading)
{
	struct err e = {.text = "mine"};
	int calls = 0;

	ck_assert_int_eq(ini_parse("[a]\nk=1\nl=2\n", 12, refuse, &calls, &e), -EBADMSG);
	ck_assert_int_eq(calls, 2);
	ck_assert_str_eq(e.text, "mine");
}
END_TEST

UNIT(ini, sections_and_keys, blanks_comments_and_line_ends, nested_blocks, repeated_names,
    refusals_name_the_line, no_text_of_the_file_in_the_reason, a_callback_ends_the_reading);

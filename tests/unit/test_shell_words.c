#include "unit.h"

#include <errno.h>
#include <string.h>

#include "shell_words.h"

/* As Python 3.11's shlex.split() answers, word by word with '|' after each. */
START_TEST(splits_as_shlex)
{
	static const struct {
		const char *text, *words;
	} cases[] = {
	    {"", ""},
	    {" \t\r\n", ""},
	    {"a", "a|"},
	    {"  a  b\tc\nd\re ", "a|b|c|d|e|"},
	    {"a 'b c' d", "a|b c|d|"},
	    {"a \"b c\" d", "a|b c|d|"},
	    {"a'b'\"c\"d", "abcd|"},
	    {"''", "|"},
	    {"a '' \"\" b", "a|||b|"},
	    {"a\\ b c\\\\d", "a b|c\\d|"},
	    {"\\a\\'\\\"", "a'\"|"},
	    {"\\\n", "\n|"},
	    {"'a\\b' 'c\\\\d'", "a\\b|c\\\\d|"},
	    {"\"a\\b\" \"c\\\\d\" \"e\\\"f\"", "a\\b|c\\d|e\"f|"},
	    {"\"it's\" 'say \"x\"'", "it's|say \"x\"|"},
	    {"\"a\nb\"", "a\nb|"},
	    {"a#b #c", "a#b|#c|"},
	    {"a;b|c>d $X `e` *", "a;b|c>d|$X|`e`|*|"},
	    {"caf\xc3\xa9 \xff", "caf\xc3\xa9|\xff|"},
	    {"\"\\$x\"", "\\$x|"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		_cleanup_(shell_words_freep) char **words = NULL;
		char joined[64] = "";

		ck_assert_int_eq(shell_words_split(cases[i].text, &words, NULL), 0);
		for (char **word = words; *word; word++) {
			strcat(joined, *word);
			strcat(joined, "|");
		}
		ck_assert_str_eq(joined, cases[i].words);
	}
}
END_TEST

START_TEST(refuses_what_is_not_closed)
{
	static const struct {
		const char *text, *reason;
	} cases[] = {
	    {"'", "quote"},
	    {"a 'b", "quote"},
	    {"a \"b", "quote"},
	    {"\"a\\\"", "quote"},
	    {"\"a\\", "quote"},
	    {"a 'b\\'c'", "quote"},
	    {"\\", "backslash"},
	    {"a b\\", "backslash"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char **words = NULL;
		struct err e = {};

		ck_assert_int_eq(shell_words_split(cases[i].text, &words, &e), -EINVAL);
		ck_assert_msg(strstr(e.text, cases[i].reason), "%s: %s", cases[i].text, e.text);
		ck_assert_ptr_null(words);
	}
	shell_words_free(NULL);
}
END_TEST

UNIT(shell_words, splits_as_shlex, refuses_what_is_not_closed);

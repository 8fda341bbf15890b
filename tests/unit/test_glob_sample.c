#include "glob_sample.h"

#include <errno.h>

#include "unit.h"

static void assert_sample(const char *pattern, const char *wanted)
{
	_cleanup_(glob_freep) struct glob *glob = NULL;
	_cleanup_str_ struct str out = {};

	ck_assert_int_eq(glob_compile(pattern, &glob, NULL), 0);
	ck_assert_int_eq(glob_sample(glob, "word", &out), wanted ? 0 : -ENOENT);
	ck_assert_str_eq(str_text(&out), wanted ?: "");
}

START_TEST(test_what_a_pattern_matches)
{
	assert_sample("**", "word");
	assert_sample("team-a/**", "team-a/word");
	assert_sample("**/cache", "word/cache");
	assert_sample("a/**/b", "a/word/b");
	assert_sample("a?c-*", "axc-word");
	assert_sample("plain/name", "plain/name");
	assert_sample("prod**", "prodword");
}
END_TEST

START_TEST(test_the_first_of_alternatives)
{
	assert_sample("{a,b}/x", "a/x");
	assert_sample("{a{c,d},b}/{*,y}", "ac/word");
	assert_sample("{,b}x", "x");
	assert_sample("{team/**,b}", "team/word");
}
END_TEST

UNIT(glob_sample, test_what_a_pattern_matches, test_the_first_of_alternatives);

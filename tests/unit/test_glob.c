#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "glob.h"

static bool matches(const char *pattern, const char *text)
{
	_cleanup_(glob_freep) struct glob *glob = NULL;
	struct err e = {};

	ck_assert_msg(glob_compile(pattern, &glob, &e) == 0, "%s: %s", pattern, e.text);
	ck_assert_str_eq(glob_pattern(glob), pattern);
	return glob_match(glob, text);
}

static const struct {
	const char *pattern, *text;
	bool expected;
} cases[] = {
    {"app", "app", true},
    {"app", "apple", false},
    {"app", "team/app", false},
    {"apple", "app", false},
    {"*", "app", true},
    {"*", "team/app", false},
    {"team-*", "team-", true},
    {"team-*/x", "team-a/x", true},
    {"team-*/x", "team-a/b/x", false},
    {"?pp", "app", true},
    {"?pp", "pp", false},
    {"a?b", "a/b", false},
    {"a*b", "a/b", false},
    {"a,b", "a,b", true},

    {"**", "app", true},
    {"**", "team/sub/app", true},
    {"**/x", "x", true},
    {"**/x", "a/x", true},
    {"**/x", "a/b/x", true},
    {"**/x", "ax", false},
    {"**/x", "a/x/b", false},
    {"a/**", "a/b", true},
    {"a/**", "a/b/c", true},
    {"a/**", "a", false},
    {"a/**", "ab/c", false},
    {"a/**/b", "a/b", true},
    {"a/**/b", "a/x/b", true},
    {"a/**/b", "a/x/y/b", true},
    {"a/**/b", "ab", false},
    {"a/**/b", "a/xb", false},
    {"**/a/**", "a/b", true},
    {"**/a/**", "x/a/b/c", true},
    {"**/a/**", "x/a", false},
    {"**/**", "a", true},
    {"**/**", "a/b", true},
    {"***", "a/b", true},

    {"a**", "ab", true},
    {"a**", "a/b", false},
    {"**a", "ba", true},
    {"**a", "b/a", false},
    {"x/a**b/y", "x/ab/y", true},
    {"x/a**b/y", "x/a/b/y", false},

    {"{a,b}", "a", true},
    {"{a,b}", "b", true},
    {"{a,b}", "c", false},
    {"{a,b}", "a,b", false},
    {"x{,y}", "x", true},
    {"x{,y}", "xy", true},
    {"{a}", "a", true},
    {"{a,{b,c/{d,e}}}/f", "b/f", true},
    {"{a,{b,c/{d,e}}}/f", "c/e/f", true},
    {"{a,{b,c/{d,e}}}/f", "c/f", false},
    {"{prod,stage}/**", "stage/x/y", true},
    {"{*-dev,?}/x", "team-dev/x", true},
    {"{*-dev,?}/x", "a/x", true},
    {"{**/cache,tmp/**}", "a/b/cache", true},
    {"{**/cache,tmp/**}", "tmp/a", true},
    {"{a/,}**", "b/c", true},
    {"{a/,}**", "a/b/c", true},
    {"{a,}**/x", "b/c/x", true},
    {"{a,}**/x", "ab/x", true},
    {"{a/**,b}/c", "a/c", true},
    {"{a/**,b}c", "a/xc", true},
    {"{a/**,b}c", "a/x/c", false},
    {"{*,a}*", "x/y", true},

    {"123456789012.dkr.ecr.*.amazonaws.com", "123456789012.dkr.ecr.eu-west-1.amazonaws.com", true},
    {"*.amazonaws.com", "123456789012.dkr.ecr.eu-west-1.amazonaws.com", true},
    {"*.amazonaws.com", "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", false},
};

START_TEST(means_what_it_says)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		ck_assert_msg(matches(cases[i].pattern, cases[i].text) == cases[i].expected,
		    "%s and %s", cases[i].pattern, cases[i].text);
}
END_TEST

static const struct {
	const char *pattern, *reason;
} bad[] = {
    {"", "empty"},
    {"{a,b", "no } closes"},
    {"{a,{b}", "no } closes"},
    {"a}", "no { opens"},
    {"{a}}", "no { opens"},
    {"[ab]", "["},
    {"a\\*", "\\"},
};

START_TEST(bad_patterns_are_refused_with_the_reason)
{
	char too_long[GLOB_PATTERN_MAX + 2];
	struct glob *glob = NULL;
	struct err e = {};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		ck_assert_int_eq(glob_compile(bad[i].pattern, &glob, &e), -EINVAL);
		ck_assert_ptr_null(glob);
		ck_assert_msg(strstr(e.text, bad[i].reason), "%s: %s", bad[i].pattern, e.text);
	}
	memset(too_long, 'a', sizeof(too_long) - 1);
	too_long[GLOB_PATTERN_MAX + 1] = '\0';
	ck_assert_int_eq(glob_compile(too_long, &glob, &e), -EINVAL);
	too_long[GLOB_PATTERN_MAX] = '\0';
	ck_assert(matches(too_long, too_long));
}
END_TEST

/* The oracle: alternatives are written out, and each is tried in every way. Exponential. */
static bool naive_flat(const char *pattern, const char *text, bool at_start)
{
	size_t stars = strspn(pattern, "*");

	if (at_start && stars >= 2 && (pattern[stars] == '/' || pattern[stars] == '\0')) {
		if (pattern[stars] == '\0' || naive_flat(pattern + stars + 1, text, true))
			return true;
		while ((text = strchr(text, '/')))
			if (naive_flat(pattern + stars + 1, ++text, true))
				return true;
		return false;
	}
	if (stars > 0)
		return naive_flat(pattern + 1, text, false) ||
		       (*text && *text != '/' && naive_flat(pattern, text + 1, false));
	if (*pattern == '\0' || *text == '\0')
		return *pattern == *text;
	return (*pattern == '?' ? *text != '/' : *pattern == *text) &&
	       naive_flat(pattern + 1, text + 1, *pattern == '/');
}

static bool naive(const char *pattern, const char *text)
{
	const char *open = strchr(pattern, '{'), *begin, *close;
	bool found = false;
	int depth = 1;

	if (!open)
		return naive_flat(pattern, text, true);
	for (close = open + 1; depth > 0; close++)
		depth += *close == '{' ? 1 : *close == '}' ? -1 : 0;
	begin = open + 1;
	for (const char *at = begin; at < close && !found; at++) {
		char written_out[64];

		depth += *at == '{' ? 1 : *at == '}' ? -1 : 0;
		if (at + 1 < close && (*at != ',' || depth > 0))
			continue;
		snprintf(written_out, sizeof(written_out), "%.*s%.*s%s", (int)(open - pattern),
		    pattern, (int)(at - begin), begin, close);
		found = naive(written_out, text);
		begin = at + 1;
	}
	return found;
}

static void random_text(unsigned *seed, const char *letters, size_t max, char *ret)
{
	size_t len = (size_t)rand_r(seed) % (max + 1);

	for (size_t i = 0; i < len; i++)
		ret[i] = letters[(size_t)rand_r(seed) % strlen(letters)];
	ret[len] = '\0';
}

START_TEST(agrees_with_a_naive_matcher)
{
	unsigned seed = 20260102, compared = 0, matched = 0;

	for (int i = 0; i < 60000; i++) {
		_cleanup_(glob_freep) struct glob *glob = NULL;
		char pattern[16], text[12];

		random_text(&seed, "ab/**?{},", sizeof(pattern) - 1, pattern);
		if (glob_compile(pattern, &glob, NULL) < 0)
			continue;
		for (int j = 0; j < 20; j++, compared++) {
			bool expected;

			random_text(&seed, "aab//,", sizeof(text) - 1, text);
			expected = naive(pattern, text);
			matched += expected;
			ck_assert_msg(
			    glob_match(glob, text) == expected, "%s and %s", pattern, text);
		}
	}
	ck_assert_uint_gt(compared, 200000);
	ck_assert_uint_gt(matched, 10000);
}
END_TEST

static double cpu_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* As many of the piece as fit, and as many of the closing one. */
static void repeat(char ret[static GLOB_PATTERN_MAX + 1], const char *piece, const char *closing)
{
	size_t count = GLOB_PATTERN_MAX / (strlen(piece) + strlen(closing));

	*ret = '\0';
	for (size_t i = 0; i < count; i++)
		strcat(ret, piece);
	for (size_t i = 0; i < count; i++)
		strcat(ret, closing);
}

START_TEST(no_pattern_takes_long)
{
	static const struct {
		const char *piece, *closing;
	} hostile[] = {{"*a", ""}, {"**/", ""}, {"{a,a}", ""}, {"{*,**}", ""}, {"{*,", "}"},
	    {"{**/,", "a}*"}, {"{a*,", "**}/"}};
	static char text[20001];

	for (size_t i = 0; i < sizeof(hostile) / sizeof(*hostile); i++) {
		char pattern[GLOB_PATTERN_MAX + 1];
		double start_s = cpu_s();

		repeat(pattern, hostile[i].piece, hostile[i].closing);
		memset(text, 'a', sizeof(text) - 2);
		text[sizeof(text) - 2] = 'b';
		matches(pattern, text);
		for (size_t j = 1; j < sizeof(text) - 1; j += 2)
			text[j] = '/';
		matches(pattern, text);
		ck_assert_msg(cpu_s() - start_s < 5, "%s: %.1f s", pattern, cpu_s() - start_s);
	}
}
END_TEST

UNIT(glob, means_what_it_says, bad_patterns_are_refused_with_the_reason,
    agrees_with_a_naive_matcher, no_pattern_takes_long);

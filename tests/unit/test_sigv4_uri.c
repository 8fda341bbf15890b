#include "unit.h"

#include <errno.h>

#include "sigv4_uri.h"

START_TEST(path_is_normalised_and_encoded)
{
	static const struct {
		const char *path, *normalised, *kept;
	} cases[] = {
	    {"", "/", "/"},
	    {"/", "/", "/"},
	    {"/a", "/a", "/a"},
	    {"/a/", "/a/", "/a/"},
	    {"//a//b//", "/a/b/", "//a//b//"},
	    {"/a/../b", "/b", "/a/../b"},
	    {"/a/b/..", "/a", "/a/b/.."},
	    {"/a/b/../", "/a/", "/a/b/../"},
	    {"/../../a", "/a", "/../../a"},
	    {"/./", "/", "/./"},
	    {"/a/..", "/", "/a/.."},
	    {"/...", "/...", "/..."},
	    {"/a b", "/a%20b", "/a%20b"},
	    {"/a%20b", "/a%2520b", "/a%2520b"},
	    {"/~-._/\xe1\x88\xb4\x7f:@+", "/~-._/%E1%88%B4%7F%3A%40%2B",
		"/~-._/%E1%88%B4%7F%3A%40%2B"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		_cleanup_str_ struct str normalised = {}, kept = {};

		ck_assert_int_eq(sigv4_canonical_path(cases[i].path, false, &normalised), 0);
		ck_assert_str_eq(str_text(&normalised), cases[i].normalised);
		ck_assert_int_eq(sigv4_canonical_path(cases[i].path, true, &kept), 0);
		ck_assert_str_eq(str_text(&kept), cases[i].kept);
	}
}
END_TEST

START_TEST(path_begins_with_a_slash)
{
	_cleanup_str_ struct str s = {};

	ck_assert_int_eq(sigv4_canonical_path("a", false, &s), -EINVAL);
	ck_assert_int_eq(sigv4_canonical_path("?", true, &s), -EINVAL);
}
END_TEST

START_TEST(query_is_sorted_and_encoded_once)
{
	static const struct {
		const char *query, *canonical;
	} cases[] = {
	    {NULL, ""},
	    {"", ""},
	    {"&", ""},
	    {"a", "a="},
	    {"=", "="},
	    {"=b", "=b"},
	    {"a=1&&b=2&", "a=1&b=2"},
	    {"b=1&a=2", "a=2&b=1"},
	    {"a=2&a=1&a", "a=&a=1&a=2"},
	    {"B=1&a=2", "B=1&a=2"},
	    /* By name first: '-' sorts before '=', but "a" before "a-". */
	    {"a-=1&a=2", "a=2&a-=1"},
	    {"a=b=c", "a=b%3Dc"},
	    {"a=b+c%20d e", "a=b%2Bc%20d%20e"},
	    {"%e1%88%b4=%41&a=%2f", "%E1%88%B4=A&a=%2F"},
	    {"\xe1\x88\xb4=bar", "%E1%88%B4=bar"},
	    {"a=%00b", "a=%00b"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		_cleanup_str_ struct str s = {};

		ck_assert_int_eq(sigv4_canonical_query(cases[i].query, &s), 0);
		ck_assert_str_eq(str_text(&s), cases[i].canonical);
	}
}
END_TEST

START_TEST(query_with_half_an_octet)
{
	static const char *const cases[] = {"%", "a=%", "a=%4", "a=%4g", "%g4=a", "a=%4&b"};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		_cleanup_str_ struct str s = {};

		ck_assert_int_eq(sigv4_canonical_query(cases[i], &s), -EINVAL);
	}
}
END_TEST

UNIT(sigv4_uri, path_is_normalised_and_encoded, path_begins_with_a_slash,
    query_is_sorted_and_encoded_once, query_with_half_an_octet);

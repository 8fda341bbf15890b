#include "unit.h"

#include <regex.h>
#include <string.h>

#include "repository_name.h"

START_TEST(takes_ecrs_names)
{
	static const char *const names[] = {"ab", "a1", "1a", "11", "a/b", "a.b", "a_b", "a__b",
	    "a-b", "a---b", "team/app", "a-b/c_d/e.f/g__h", "docker.io/library/alpine",
	    "blobs/uploads"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		ck_assert_msg(repository_name_is_valid(names[i]), "%s", names[i]);
}
END_TEST

START_TEST(refuses_others)
{
	static const char *const names[] = {"", "a", "A", "Ab", "aB", "a..b", "a___b", "a.-b",
	    "a-.b", "a_-b", "a._b", "a_.b", "-a", "a-", ".a", "a.", "_a", "a_", "a__", "/a", "a/",
	    "a//b", "a/-b", "a-/b", "a/.b", "a b", "a:b", "a@b", "a%2fb", "a\xc3\xa9", "a\n",
	    "ab\n", "a+b", "a/./b", "a/../b", "a---/b", "--", "//", "__"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		ck_assert_msg(!repository_name_is_valid(names[i]), "%s", names[i]);
}
END_TEST

START_TEST(the_length_is_bounded)
{
	char name[258];

	memset(name, 'a', sizeof(name));
	name[256] = '\0';
	ck_assert(repository_name_is_valid(name));
	name[256] = 'a';
	name[257] = '\0';
	ck_assert(!repository_name_is_valid(name));
}
END_TEST

START_TEST(agrees_with_the_pattern)
{
	/* The API model's own. */
	static const char pattern[] = "^[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*"
				      "(/[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*)*$";
	static const char alphabet[] = "a0._-/";
	regex_t regex;

	ck_assert_int_eq(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB), 0);
	for (size_t number = 0; number < 6 * 6 * 6 * 6 * 6 * 6; number++) {
		char name[7] = {};

		for (size_t i = 0, rest = number; i < 6; i++, rest /= 6)
			name[i] = alphabet[rest % 6];
		ck_assert_msg(
		    repository_name_is_valid(name) == (regexec(&regex, name, 0, NULL, 0) == 0),
		    "%s", name);
	}
	regfree(&regex);
}
END_TEST

START_TEST(knows_the_octets_of_a_component)
{
	for (int c = 0; c < 256; c++)
		ck_assert(repository_name_has((char)c) ==
			  (c && strchr("abcdefghijklmnopqrstuvwxyz0123456789._-", c)));
}
END_TEST

UNIT(repository_name, takes_ecrs_names, refuses_others, the_length_is_bounded,
    agrees_with_the_pattern, knows_the_octets_of_a_component);

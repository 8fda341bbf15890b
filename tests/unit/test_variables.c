#include "unit.h"

#include <errno.h>
#include <string.h>

#include "variables.h"

static const struct variables variables = {
    .repository = "team-a/sub/app",
    .user = "alice",
    .host = "build7",
    .account = "123456789012",
    .region = "eu-west-1",
    .now_s = 1767323045, /* 2026-01-02T03:04:05Z */
};

static const struct {
	const char *text, *expected;
} cases[] = {
    {"", ""},
    {"plain", "plain"},
    {"${repository}", "team-a/sub/app"},
    {"${namespace}", "team-a/sub"},
    {"${name}", "app"},
    {"${user}", "alice"},
    {"${host}", "build7"},
    {"${date}", "2026-01-02"},
    {"${account}", "123456789012"},
    {"${region}", "eu-west-1"},
    {"x${name}${name}-${user}.", "xappapp-alice."},
    {"$", "$"},
    {"$name}", "$name}"},
    {"$$name{", "$$name{"},
    {"$${name}", "$app"},
};

START_TEST(are_filled_in)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		_cleanup_str_ struct str s = {};

		ck_assert_int_eq(variables_check(cases[i].text, NULL), 0);
		ck_assert_int_eq(variables_expand(&variables, cases[i].text, &s), 0);
		ck_assert_str_eq(str_text(&s), cases[i].expected);
	}
}
END_TEST

START_TEST(may_be_empty_and_are_not_read_again)
{
	const struct variables few = {.repository = "app", .host = "${user}", .now_s = 0};
	_cleanup_str_ struct str s = {};

	ck_assert_int_eq(variables_expand(&few, "[${namespace}|${user}|${host}|${date}]", &s), 0);
	ck_assert_str_eq(str_text(&s), "[||${user}|1970-01-01]");
}
END_TEST

START_TEST(errors_say_what_was_meant)
{
	struct err e = {};

	ck_assert_int_eq(variables_check("${name} ${nam}", &e), -EINVAL);
	ck_assert_str_eq(e.text, "unknown variable ${nam}: is ${name} meant?");
	ck_assert_int_eq(variables_check("${}", &e), -EINVAL);
	ck_assert_int_eq(variables_check("${NAME}", &e), -EINVAL);
	ck_assert_int_eq(variables_check("${ name}", &e), -EINVAL);
	ck_assert_int_eq(variables_check("${${name}}", &e), -EINVAL);
	ck_assert_int_eq(variables_check("${name} ${user", &e), -EINVAL);
	ck_assert_ptr_nonnull(strstr(e.text, "no } closes"));
	ck_assert_int_eq(variables_check("${", &e), -EINVAL);
}
END_TEST

START_TEST(a_span_is_that_of_a_known_one)
{
	ck_assert_uint_eq(variables_span("${name}}"), 7);
	ck_assert_uint_eq(variables_span("${name"), 0);
	ck_assert_uint_eq(variables_span("${names}"), 0);
	ck_assert_uint_eq(variables_span("x${name}"), 0);
	ck_assert_uint_eq(variables_span(""), 0);
}
END_TEST

UNIT(variables, are_filled_in, may_be_empty_and_are_not_read_again, errors_say_what_was_meant,
    a_span_is_that_of_a_known_one);

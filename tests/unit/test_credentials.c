#include "unit.h"

#include <errno.h>
#include <string.h>

#include "credentials.h"

START_TEST(copies_and_counts)
{
	char id[] = "AKID", secret[] = "s/+=", token[] = "t==";
	struct credentials *credentials = NULL;

	ck_assert_int_eq(credentials_new(id, secret, token, 7, "env", &credentials), 0);
	memset(id, 'x', 4);
	memset(secret, 'x', 4);
	memset(token, 'x', 3);
	ck_assert_str_eq(credentials->access_key_id, "AKID");
	ck_assert_str_eq(credentials->secret_access_key, "s/+=");
	ck_assert_str_eq(credentials->session_token, "t==");
	ck_assert_int_eq(credentials->expires_s, 7);
	ck_assert_ptr_eq(credentials_ref(credentials), credentials);
	credentials_unref(credentials);
	ck_assert_str_eq(credentials->access_key_id, "AKID");
	credentials_unref(credentials);
	credentials_unref(NULL);
}
END_TEST

START_TEST(what_is_no_key)
{
	static const char *const bad[] = {"", " ", "a b", "a\n", "a\r", "\x7f", "\xc3\xa9"};
	struct credentials *credentials = NULL;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		ck_assert_int_eq(
		    credentials_new(bad[i], "s", NULL, 0, "env", &credentials), -EINVAL);
		ck_assert_int_eq(
		    credentials_new("a", bad[i], NULL, 0, "env", &credentials), -EINVAL);
		ck_assert_int_eq(
		    credentials_new("a", "s", bad[i], 0, "env", &credentials), -EINVAL);
	}
	ck_assert_ptr_null(credentials);
}
END_TEST

START_TEST(equal_ones)
{
	static const struct {
		const char *id, *secret, *token;
		bool equal;
	} cases[] = {
	    {"a", "s", "t", true},
	    {"b", "s", "t", false},
	    {"a", "r", "t", false},
	    {"a", "s", "u", false},
	    {"a", "s", NULL, false},
	};
	_cleanup_(credentials_unrefp) struct credentials *first = NULL;

	ck_assert_int_eq(credentials_new("a", "s", "t", 0, "env", &first), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		_cleanup_(credentials_unrefp) struct credentials *other = NULL;

		ck_assert_int_eq(credentials_new(cases[i].id, cases[i].secret, cases[i].token, 1,
				     "config-file", &other),
		    0);
		ck_assert(credentials_equal(first, other) == cases[i].equal);
	}
}
END_TEST

START_TEST(whose_they_are)
{
	static const struct {
		const char *account, *arn, *expected;
	} cases[] = {
	    {NULL, NULL, NULL},
	    {"123456789012", NULL, "123456789012"},
	    {NULL, "arn:aws:sts::210987654321:assumed-role/r/s", "210987654321"},
	    {"123456789012", "arn:aws:sts::210987654321:assumed-role/r/s", "123456789012"},
	    {NULL, "arn:aws", ""},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		_cleanup_(credentials_unrefp) struct credentials *credentials = NULL;

		ck_assert_int_eq(credentials_new("a", "s", NULL, 0, "env", &credentials), 0);
		ck_assert_int_eq(
		    credentials_set_owner(credentials, cases[i].account, cases[i].arn), 0);
		ck_assert_pstr_eq(credentials->account, cases[i].expected);
		ck_assert_pstr_eq(credentials->arn, cases[i].arn);
	}
}
END_TEST

UNIT(credentials, copies_and_counts, what_is_no_key, equal_ones, whose_they_are);

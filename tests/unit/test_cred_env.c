#include "unit.h"

#include <errno.h>

#include "cred_env.h"
#include "fake_sources.h"

static struct credentials *read_keys(void)
{
	struct credentials *credentials = NULL;
	struct err e = {};

	ck_assert_msg(cred_env(&fake_sources, &credentials, &e) == 0, "%s", e.text);
	ck_assert_str_eq(credentials->source, "env");
	return credentials;
}

static void check_refused(const char *text)
{
	struct credentials *credentials = NULL;
	struct err e = {};

	ck_assert_int_eq(cred_env(&fake_sources, &credentials, &e), -EINVAL);
	ck_assert_ptr_null(credentials);
	ck_assert_msg(strstr(e.text, text), "%s", e.text);
	ck_assert_ptr_null(strstr(e.text, "hush"));
}

START_TEST(without_a_key_the_next_is_asked)
{
	struct credentials *credentials = NULL;

	ck_assert_int_eq(cred_env(&fake_sources, &credentials, NULL), -ENOENT);
	fake_setenv("AWS_SECRET_ACCESS_KEY", "hush");
	ck_assert_int_eq(cred_env(&fake_sources, &credentials, NULL), -ENOENT);
	fake_setenv("AWS_ACCESS_KEY_ID", "");
	ck_assert_int_eq(cred_env(&fake_sources, &credentials, NULL), -ENOENT);
}
END_TEST

START_TEST(a_pair_of_keys)
{
	_cleanup_(credentials_unrefp) struct credentials *credentials = NULL;

	fake_setenv("AWS_ACCESS_KEY_ID", "AKID");
	fake_setenv("AWS_SECRET_ACCESS_KEY", "hush");
	credentials = read_keys();
	ck_assert_str_eq(credentials->access_key_id, "AKID");
	ck_assert_str_eq(credentials->secret_access_key, "hush");
	ck_assert_ptr_null(credentials->session_token);
	ck_assert_int_eq(credentials->expires_s, 0);
	ck_assert_ptr_null(credentials->account);
}
END_TEST

START_TEST(whose_they_are)
{
	_cleanup_(credentials_unrefp) struct credentials *credentials = NULL;

	fake_setenv("AWS_ACCESS_KEY_ID", "AKID");
	fake_setenv("AWS_SECRET_ACCESS_KEY", "hush");
	fake_setenv("AWS_ACCOUNT_ID", "123456789012");
	credentials = read_keys();
	ck_assert_str_eq(credentials->account, "123456789012");
}
END_TEST

START_TEST(token_and_expiry)
{
	_cleanup_(credentials_unrefp) struct credentials *first = NULL, *second = NULL;

	fake_setenv("AWS_ACCESS_KEY_ID", "AKID");
	fake_setenv("AWS_SECRET_ACCESS_KEY", "hush");
	fake_setenv("AWS_SESSION_TOKEN", "new");
	fake_setenv("AWS_CREDENTIAL_EXPIRATION", "2026-01-02T03:04:05Z");
	first = read_keys();
	ck_assert_str_eq(first->session_token, "new");
	ck_assert_int_eq(first->expires_s, 1767323045);
	fake_setenv("AWS_SECURITY_TOKEN", "old");
	second = read_keys();
	ck_assert_str_eq(second->session_token, "old");
}
END_TEST

START_TEST(what_is_broken_does_not_fall_through)
{
	fake_setenv("AWS_ACCESS_KEY_ID", "AKID");
	check_refused("AWS_SECRET_ACCESS_KEY is not");
	fake_setenv("AWS_SECRET_ACCESS_KEY", "");
	check_refused("AWS_SECRET_ACCESS_KEY is not");
	fake_setenv("AWS_SECRET_ACCESS_KEY", "hush\r");
	check_refused("holds a blank");
	fake_setenv("AWS_SECRET_ACCESS_KEY", "hush");
	fake_setenv("AWS_CREDENTIAL_EXPIRATION", "soon");
	check_refused("AWS_CREDENTIAL_EXPIRATION");
}
END_TEST

UNIT(cred_env, without_a_key_the_next_is_asked, a_pair_of_keys, whose_they_are, token_and_expiry,
    what_is_broken_does_not_fall_through);

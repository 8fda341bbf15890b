#include "unit.h"

#include <errno.h>
#include <pthread.h>

#include "fake_sources.h"

enum { THREADS = 8, ROUNDS = 200 };

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

START_TEST(environment_before_profile)
{
	_cleanup_(credential_chain_freep) struct credential_chain *chain = NULL;
	_cleanup_(credentials_unrefp) struct credentials *first = NULL, *second = NULL,
							 *third = NULL;

	fake_home_make();
	fake_home_write(
	    ".aws/credentials", "[default]\naws_access_key_id=P\naws_secret_access_key=S\n");
	fake_setenv("AWS_ACCESS_KEY_ID", "E");
	fake_setenv("AWS_SECRET_ACCESS_KEY", "S");
	ck_assert_int_eq(credential_chain_new(&fake_sources, &chain), 0);
	ck_assert_int_eq(credential_chain_get(chain, &first, NULL), 0);
	ck_assert_str_eq(first->access_key_id, "E");
	/* Kept until somebody says that they were refused. */
	fake_setenv("AWS_ACCESS_KEY_ID", "");
	ck_assert_int_eq(credential_chain_get(chain, &second, NULL), 0);
	ck_assert_ptr_eq(second, first);
	credential_chain_forget(chain, NULL);
	credential_chain_forget(chain, first);
	ck_assert_int_eq(credential_chain_get(chain, &third, NULL), 0);
	ck_assert_str_eq(third->access_key_id, "P");
	/* The older ones were refused again: those in force stay. */
	credential_chain_forget(chain, first);
	fake_home_remove();
	credentials_unref(second);
	ck_assert_int_eq(credential_chain_get(chain, &second, NULL), 0);
	ck_assert_ptr_eq(second, third);
}
END_TEST

START_TEST(none_says_where_to_put_some)
{
	_cleanup_(credential_chain_freep) struct credential_chain *chain = NULL;
	struct credentials *credentials = NULL;
	struct err e = {};

	fake_home_make();
	ck_assert_int_eq(credential_chain_new(&fake_sources, &chain), 0);
	ck_assert_int_eq(credential_chain_get(chain, &credentials, &e), -ENOENT);
	ck_assert_msg(strstr(e.text, "AWS_ACCESS_KEY_ID"), "%s", e.text);
	ck_assert_ptr_null(credentials);
	fake_setenv("AWS_ACCESS_KEY_ID", "E");
	ck_assert_int_eq(credential_chain_get(chain, &credentials, &e), -EINVAL);
	fake_home_remove();
	credential_chain_free(NULL);
}
END_TEST

static void *get_and_forget(void *arg)
{
	struct credential_chain *chain = arg;

	for (int i = 0; i < ROUNDS; i++) {
		_cleanup_(credentials_unrefp) struct credentials *credentials = NULL;

		if (credential_chain_get(chain, &credentials, NULL) < 0 ||
		    strcmp(credentials->access_key_id, "E") != 0)
			return chain;
		if (i % 3 == 0)
			credential_chain_forget(chain, credentials);
	}
	return NULL;
}

START_TEST(from_many_threads)
{
	_cleanup_(credential_chain_freep) struct credential_chain *chain = NULL;
	pthread_t threads[THREADS];

	fake_setenv("AWS_ACCESS_KEY_ID", "E");
	fake_setenv("AWS_SECRET_ACCESS_KEY", "S");
	ck_assert_int_eq(credential_chain_new(&fake_sources, &chain), 0);
	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, get_and_forget, chain), 0);
	for (int i = 0; i < THREADS; i++) {
		void *failed;

		pthread_join(threads[i], &failed);
		ck_assert_ptr_null(failed);
	}
}
END_TEST

UNIT(credentials, copies_and_counts, what_is_no_key, equal_ones, environment_before_profile,
    none_says_where_to_put_some, from_many_threads);

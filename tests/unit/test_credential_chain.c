#include "unit.h"

#include <errno.h>
#include <pthread.h>

#include "credential_chain.h"
#include "fake_sources.h"

enum { THREADS = 8, ROUNDS = 200 };

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

UNIT(credential_chain, environment_before_profile, from_many_threads);

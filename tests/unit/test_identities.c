#include "unit.h"

#include <errno.h>
#include <pthread.h>

#include "credential_chain.h"
#include "fake_fetch.h"
#include "fake_sources.h"
#include "fake_sts.h"
#include "identities.h"

#define ROLE "arn:aws:iam::123456789012:role/r"

static int64_t ahead_s; /* of the real clock */

static int64_t played_now(void)
{
	return clock_wall_s() + __atomic_load_n(&ahead_s, __ATOMIC_RELAXED);
}

static void write_keys(const char *id)
{
	char text[256];

	snprintf(text, sizeof(text),
	    "[default]\naws_access_key_id=%s\naws_secret_access_key=S\n"
	    "[x]\naws_access_key_id=X\naws_secret_access_key=S\n[empty]\n",
	    id);
	fake_home_write(".aws/credentials", text);
}

static struct identities *make(void)
{
	struct credential_sources sources = fake_sources;
	struct identities *identities = NULL;

	sources.now_s = played_now;
	fake_home_make();
	write_keys("A");
	fake_fetch_reset();
	ck_assert_int_eq(identities_new(&sources, &identities), 0);
	return identities;
}

static struct aws_api *get(struct identities *identities, struct identity_choice choice)
{
	struct aws_api *api = NULL;

	ck_assert_int_eq(identities_get(identities, &choice, &api), 0);
	ck_assert_ptr_nonnull(api);
	return api;
}

/* What is in force after a get; NULL: an error with that text. */
static void check(struct aws_api *api, const char *id, const char *text)
{
	_cleanup_(credentials_unrefp) struct credentials *credentials = NULL;
	struct err e = {};
	int r = credential_chain_get(aws_api_chain(api), &credentials, &e);

	ck_assert_msg(!id == (r < 0), "%d: %s", r, e.text);
	ck_assert_pstr_eq(credentials ? credentials->access_key_id : NULL, id);
	if (text)
		ck_assert_msg(strstr(e.text, text), "%s", e.text);
}

START_TEST(one_for_each_choice)
{
	static const struct identity_choice choices[] = {{}, {.profile = "x"}, {.role_arn = ROLE},
	    {.profile = "x", .role_arn = ROLE}, {.role_arn = ROLE, .external_id = "e"}};
	enum { CHOICES = sizeof(choices) / sizeof(*choices) };
	struct aws_api *apis[CHOICES];
	struct identities *identities = make();

	for (size_t i = 0; i < CHOICES; i++) {
		apis[i] = get(identities, choices[i]);
		for (size_t j = 0; j < i; j++)
			ck_assert_ptr_ne(apis[i], apis[j]);
	}
	for (size_t i = 0; i < CHOICES; i++)
		ck_assert_ptr_eq(get(identities, choices[i]), apis[i]);
	/* Nothing was read yet. */
	ck_assert_ptr_null(credential_chain_peek(aws_api_chain(apis[0])));
	check(apis[0], "A", NULL);
	check(apis[1], "X", NULL);
	identities_free(identities);
	fake_home_remove();
}
END_TEST

START_TEST(a_role_on_top)
{
	struct identities *identities = make();
	char profile[] = "x", role[] = ROLE, external_id[] = "e", region[] = "cn-north-1";
	struct aws_api *api = get(identities, (struct identity_choice){.profile = profile,
						  .role_arn = role,
						  .external_id = external_id,
						  .region = region});

	/* They are copies. */
	memset(profile, 'q', 1);
	memset(role, 'q', 5);
	memset(external_id, 'q', 1);
	memset(region, 'q', 2);
	fake_sts("R", 3600);
	check(api, "R", NULL);
	check(api, "R", NULL);
	fake_sts_check(0, "X", "RoleArn=" ROLE "&RoleSessionName=ecr-upsertd-");
	fake_sts_check(0, "X", "&ExternalId=e");
	ck_assert_str_eq(fake_asked[0].url, "https://sts.cn-north-1.amazonaws.com.cn");
	identities_free(identities);
	fake_home_remove();
}
END_TEST

START_TEST(what_cannot_be_had_is_named)
{
	struct identities *identities = make();

	check(
	    get(identities, (struct identity_choice){.profile = "none"}), NULL, "profile \"none\"");
	check(get(identities, (struct identity_choice){.profile = "empty", .role_arn = ROLE}), NULL,
	    "cannot assume " ROLE ": profile \"empty\" has no credentials");
	fake_answer((struct fake_answer){.status = 403, .body = "<Code>AccessDenied</Code>"});
	check(get(identities, (struct identity_choice){.role_arn = ROLE}), NULL, ROLE ": check");
	identities_free(identities);
	fake_home_remove();
}
END_TEST

static void replace_keys(void)
{
	write_keys("B");
}

/* Within the pause between two looks at the file. */
START_TEST(refused_keys_are_read_again_below_a_role)
{
	struct identities *identities = make();
	struct aws_api *base = get(identities, (struct identity_choice){});

	check(base, "A", NULL);
	fake_answer((struct fake_answer){
	    .status = 403, .body = "<Code>InvalidClientTokenId</Code>", .before = replace_keys});
	fake_sts("R", 3600);
	check(get(identities, (struct identity_choice){.role_arn = ROLE}), "R", NULL);
	fake_sts_check(0, "A", "");
	fake_sts_check(1, "B", "");
	check(base, "B", NULL);
	identities_free(identities);
	fake_home_remove();
}
END_TEST

START_TEST(kept_fresh_without_a_call)
{
	struct identities *identities = make();
	struct aws_api *api = get(identities, (struct identity_choice){.role_arn = ROLE});
	struct credentials *credentials;

	/* What nobody has asked for is not read. */
	ck_assert_int_gt(identities_keep(identities), 0);
	ck_assert_uint_eq(fake_fetches, 0);
	fake_sts("R1", 3600);
	check(api, "R1", NULL);
	ck_assert_int_eq(identities_keep(identities), 10000);
	fake_sts("R2", 3600 + 2800);
	ahead_s = 2800;
	identities_keep(identities);
	credentials = credential_chain_peek(aws_api_chain(api));
	ck_assert_str_eq(credentials->access_key_id, "R2");
	credentials_unref(credentials);
	/* A failure is not repeated at once. */
	fake_answer((struct fake_answer){.result = -ETIMEDOUT});
	ahead_s = 5600;
	ck_assert_int_le(identities_keep(identities), 5000);
	check(api, "R2", NULL);
	identities_free(identities);
	fake_home_remove();
}
END_TEST

enum { THREADS = 8, ROUNDS = 100 };

static void *use(void *arg)
{
	for (int i = 0; i < ROUNDS; i++) {
		struct identity_choice choice = {.profile = i % 2 ? "x" : "default"};
		_cleanup_(credentials_unrefp) struct credentials *credentials = NULL;
		struct aws_api *api;

		if (identities_get(arg, &choice, &api) < 0 ||
		    credential_chain_get(aws_api_chain(api), &credentials, NULL) < 0 ||
		    credentials->access_key_id[0] != (i % 2 ? 'X' : 'A'))
			return arg;
		identities_keep(arg);
	}
	return NULL;
}

START_TEST(from_many_threads)
{
	struct identities *identities = make();
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, use, identities), 0);
	for (int i = 0; i < THREADS; i++) {
		void *failed;

		pthread_join(threads[i], &failed);
		ck_assert_ptr_null(failed);
	}
	identities_free(identities);
	identities_free(NULL);
	fake_home_remove();
}
END_TEST

UNIT(identities, one_for_each_choice, a_role_on_top, what_cannot_be_had_is_named,
    refused_keys_are_read_again_below_a_role, kept_fresh_without_a_call, from_many_threads);

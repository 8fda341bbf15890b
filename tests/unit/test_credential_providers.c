#include "unit.h"

#include <errno.h>

#include "credential_providers.h"
#include "fake_sources.h"

static const char keys_of_x[] = "[default]\naws_access_key_id=P\naws_secret_access_key=S\n"
				"[x]\naws_access_key_id=X\naws_secret_access_key=S\n";

static void check(const struct credential_sources *sources, const char *id)
{
	_cleanup_(credentials_unrefp) struct credentials *credentials = NULL;
	struct err e = {};

	ck_assert_msg(credential_providers_ask(sources, &credentials, &e) == 0, "%s", e.text);
	ck_assert_str_eq(credentials->access_key_id, id);
}

START_TEST(environment_before_profile)
{
	fake_home_make();
	fake_home_write(".aws/credentials", keys_of_x);
	fake_setenv("AWS_PROFILE", "x");
	check(&fake_sources, "X");
	fake_setenv("AWS_ACCESS_KEY_ID", "E");
	fake_setenv("AWS_SECRET_ACCESS_KEY", "S");
	check(&fake_sources, "E");
	fake_home_remove();
}
END_TEST

START_TEST(an_explicit_profile_before_the_environment)
{
	struct credential_sources sources = fake_sources;

	fake_home_make();
	fake_home_write(".aws/credentials", keys_of_x);
	fake_setenv("AWS_PROFILE", "default");
	fake_setenv("AWS_ACCESS_KEY_ID", "E");
	fake_setenv("AWS_SECRET_ACCESS_KEY", "S");
	sources.profile = "x";
	check(&sources, "X");
	fake_home_remove();
}
END_TEST

/* Without its token's file it says so, whatever other keys there are. */
START_TEST(a_web_identity_before_static_keys)
{
	struct credentials *credentials = NULL;
	struct err e = {};

	fake_home_make();
	fake_home_write(".aws/credentials", keys_of_x);
	fake_setenv("AWS_WEB_IDENTITY_TOKEN_FILE", "/nowhere/token");
	fake_setenv("AWS_ROLE_ARN", "r");
	ck_assert_int_eq(credential_providers_ask(&fake_sources, &credentials, &e), -EINVAL);
	ck_assert_msg(strstr(e.text, "/nowhere/token"), "%s", e.text);
	fake_home_remove();
}
END_TEST

START_TEST(none_says_where_to_put_some)
{
	static const char *const ways[] = {"AWS_ACCESS_KEY_ID", "AWS_PROFILE", "role_arn",
	    "aws sso login", "credential_process", "AWS_WEB_IDENTITY_TOKEN_FILE", "ECS", "EKS",
	    "EC2", "(the instance metadata service is not asked (AWS_EC2_METADATA_DISABLED))"};
	struct credentials *credentials = NULL;
	struct err e = {};

	fake_home_make();
	ck_assert_int_eq(credential_providers_ask(&fake_sources, &credentials, &e), -ENOENT);
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++)
		ck_assert_msg(strstr(e.text, ways[i]), "%s: %s", ways[i], e.text);
	ck_assert_ptr_null(credentials);
	/* What is broken is not passed over. */
	fake_setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", "ftp://x");
	ck_assert_int_eq(credential_providers_ask(&fake_sources, &credentials, &e), -EINVAL);
	ck_assert_msg(strstr(e.text, "AWS_CONTAINER_CREDENTIALS_FULL_URI"), "%s", e.text);
	fake_setenv("AWS_ACCESS_KEY_ID", "E");
	ck_assert_int_eq(credential_providers_ask(&fake_sources, &credentials, &e), -EINVAL);
	fake_home_remove();
}
END_TEST

UNIT(credential_providers, a_web_identity_before_static_keys, environment_before_profile,
    an_explicit_profile_before_the_environment, none_says_where_to_put_some);

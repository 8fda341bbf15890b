#include "unit.h"

#include "cred_role.h"
#include "fake_fetch.h"
#include "fake_sources.h"
#include "fake_sts.h"

static void check(const struct credential_sources *sources, const struct sts_role *role,
    const char *url, const char *scope)
{
	_cleanup_(credentials_unrefp) struct credentials *with = NULL, *credentials = NULL;
	_cleanup_(credential_chain_freep) struct credential_chain *chain = NULL;
	const char *authorization;
	struct err e = {};

	fake_fetch_reset();
	fake_sts("ROLE", 3600);
	ck_assert_int_eq(credentials_new("A", "S", "T", 0, "env", &with), 0);
	ck_assert_int_eq(credential_chain_new_fixed(with, sources->now_s, &chain), 0);
	ck_assert_msg(cred_role_assume(
			  sources, role->web_identity ? NULL : chain, role, &credentials, &e) == 0,
	    "%s", e.text);
	ck_assert_str_eq(credentials->access_key_id, "ROLE");
	ck_assert_str_eq(fake_asked[0].url, url);
	authorization = headers_get(&fake_asked[0].headers, "Authorization");
	ck_assert(!authorization == !scope);
	if (scope)
		ck_assert_msg(strstr(authorization, scope), "%s", authorization);
}

START_TEST(which_sts)
{
	const struct sts_role role = {.arn = "r", .session_name = "s"};
	struct credential_sources sources = fake_sources;

	fake_home_make();
	check(&sources, &role, "https://sts.us-east-1.amazonaws.com", "/us-east-1/sts/");
	fake_home_write(".aws/config", "[default]\nregion = eu-west-1\n[profile x]\n"
				       "region = cn-north-1\nservices = x\n[services x]\n"
				       "sts =\n  endpoint_url = http://127.0.0.1:1\n");
	check(&sources, &role, "https://sts.eu-west-1.amazonaws.com", "/eu-west-1/sts/");
	sources.region = "cn-north-1";
	check(&sources, &role, "https://sts.cn-north-1.amazonaws.com.cn", "/cn-north-1/sts/");
	sources.profile = "x";
	check(&sources, &role, "http://127.0.0.1:1", "/cn-north-1/sts/");
	fake_home_remove();
}
END_TEST

START_TEST(a_web_identity_signs_nothing)
{
	const struct sts_role role = {.arn = "r", .session_name = "s", .web_identity = "t"};

	fake_home_make();
	check(&fake_sources, &role, "https://sts.us-east-1.amazonaws.com", NULL);
	fake_home_remove();
}
END_TEST

START_TEST(a_session_has_a_name)
{
	const struct sts_role role = {.arn = "r"};

	fake_home_make();
	check(&fake_sources, &role, "https://sts.us-east-1.amazonaws.com", "/sts/");
	ck_assert_ptr_nonnull(
	    strstr(str_text(&fake_asked[0].body), "&RoleSessionName=ecr-upsertd-1"));
	fake_home_remove();
}
END_TEST

START_TEST(settings_that_are_none)
{
	const struct sts_role role = {.arn = "r"};
	struct credentials *credentials = NULL;
	struct credential_sources sources = fake_sources;
	struct err e = {};

	fake_home_make();
	sources.region = "mars-1";
	ck_assert_int_eq(cred_role_assume(&sources, NULL, &role, &credentials, &e), -EINVAL);
	ck_assert_msg(strstr(e.text, "mars-1"), "%s", e.text);
	fake_home_remove();
}
END_TEST

UNIT(cred_role, which_sts, a_web_identity_signs_nothing, a_session_has_a_name,
    settings_that_are_none);

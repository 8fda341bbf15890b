#include "unit.h"

#include <errno.h>

#include "cred_assume_role.h"
#include "fake_fetch.h"
#include "fake_sources.h"
#include "fake_sts.h"

#define ROLE(name) "role_arn = arn:aws:iam::123456789012:role/" name "\n"
#define KEYS(id)   "aws_access_key_id = " id "\naws_secret_access_key = SECRET\n"

static void config(const char *text)
{
	fake_home_make();
	fake_home_write(".aws/config", text);
	fake_fetch_reset();
}

static void check(const char *id)
{
	_cleanup_(credentials_unrefp) struct credentials *credentials = NULL;
	struct err e = {};

	ck_assert_msg(cred_assume_role(&fake_sources, &credentials, &e) == 0, "%s", e.text);
	ck_assert_str_eq(credentials->access_key_id, id);
	ck_assert_str_eq(credentials->source, "assume-role");
	ck_assert_str_eq(credentials->account, "123456789012");
	ck_assert_uint_eq(fake_fetches, fake_answers_len);
	fake_home_remove();
}

static void check_refused(int code, const char *text)
{
	struct credentials *credentials = NULL;
	struct err e = {};

	ck_assert_int_eq(cred_assume_role(&fake_sources, &credentials, &e), code);
	ck_assert_ptr_null(credentials);
	ck_assert_msg(strstr(e.text, text), "%s", e.text);
	ck_assert_ptr_null(strstr(e.text, "SECRET"));
	ck_assert_uint_eq(fake_fetches, fake_answers_len);
	fake_home_remove();
}

START_TEST(with_another_profile)
{
	config("[default]\n" ROLE(
	    "r") "source_profile = b\nexternal_id = e\n"
		 "role_session_name = me\nduration_seconds = 900\n[profile b]\n" KEYS("B"));
	fake_sts("R", 900);
	check("R");
	fake_sts_check(0, "B",
	    "RoleArn=arn:aws:iam::123456789012:role/r&RoleSessionName=me&ExternalId=e"
	    "&DurationSeconds=900");
}
END_TEST

START_TEST(one_after_the_other)
{
	config("[default]\n" ROLE("3") "source_profile = two\n[profile two]\n" ROLE(
	    "2") "source_profile = one\nregion = "
		 "us-west-2\n[profile "
		 "one]\n" ROLE("1") "source_"
				    "profile = "
				    "one\n" KEYS("B"));
	/* "one" has keys of its own: they are preferred to its role. */
	fake_sts("R2", 900);
	fake_sts("R3", 900);
	check("R3");
	fake_sts_check(0, "B", "role/2&");
	fake_sts_check(1, "R2", "role/3&");
	/* The STS of the profile in use, not of those on the way. */
	ck_assert_str_eq(fake_asked[0].url, fake_asked[1].url);
}
END_TEST

START_TEST(with_its_own_keys)
{
	config("[default]\n" ROLE("r") "source_profile = default\n" KEYS("OWN"));
	fake_sts("R", 900);
	check("R");
	fake_sts_check(0, "OWN", "role/r&");
}
END_TEST

START_TEST(with_the_machines)
{
	config("[default]\n" ROLE("r") "credential_source = Environment\n");
	fake_setenv("AWS_ACCESS_KEY_ID", "E");
	fake_setenv("AWS_SECRET_ACCESS_KEY", "SECRET");
	fake_sts("R", 900);
	check("R");
	fake_sts_check(0, "E", "role/r&");
	config("[default]\n" ROLE("r") "credential_source = Environment\n");
	fake_setenv("AWS_ACCESS_KEY_ID", "");
	check_refused(-EINVAL, "credential_source Environment of profile \"default\"");
	config("[default]\n" ROLE("r") "credential_source = EcsContainer\n");
	check_refused(-EINVAL, "credential_source EcsContainer of profile \"default\"");
	config("[default]\n" ROLE("r") "credential_source = Ec2InstanceMetadata\n");
	fake_setenv("AWS_EC2_METADATA_DISABLED", "true");
	check_refused(-EINVAL, "is not asked (AWS_EC2_METADATA_DISABLED))");
}
END_TEST

START_TEST(the_environment_is_passed_over_for_a_source_profile)
{
	config("[default]\n" ROLE("r") "source_profile = b\n[profile b]\nregion = x\n");
	fake_setenv("AWS_ACCESS_KEY_ID", "E");
	fake_setenv("AWS_SECRET_ACCESS_KEY", "SECRET");
	fake_setenv("AWS_WEB_IDENTITY_TOKEN_FILE", "/nowhere");
	fake_setenv("AWS_PROFILE", "default");
	check_refused(-EINVAL, "profile \"b\" (source_profile of \"default\") has no credentials");
}
END_TEST

START_TEST(not_configured)
{
	config("[default]\nregion = x\n");
	check_refused(-ENOENT, "");
	/* The web identity's. */
	config("[default]\n" ROLE("r") "web_identity_token_file = /t\n");
	check_refused(-ENOENT, "");
}
END_TEST

START_TEST(configured_wrongly)
{
	static const struct {
		const char *config, *text;
	} cases[] = {
	    {"[default]\n" ROLE("r") "source_profile = b\ncredential_source = Environment\n",
		"has both"},
	    {"[default]\n" ROLE("r"), "neither source_profile nor credential_source"},
	    {"[default]\n" ROLE("r") "source_profile = none\n", "profile \"none\""},
	    {"[default]\n" ROLE("r") "credential_source = Moon\n", "\"Moon\""},
	    {"[default]\n" ROLE("r") "credential_source = environment\n", "\"environment\""},
	    {"[default]\n" ROLE("r") "source_profile = default\n", "in a circle"},
	    {"[default]\n" ROLE("r") "source_profile = b\n[profile b]\n" ROLE(
		 "s") "source_profile = default\n",
		"profile \"b\" goes round in a circle back to \"default\""},
	    {"[default]\n" ROLE("r") "source_profile = b\n[profile b]\n" ROLE(
		 "s") "source_profile = c\n[profile c]\n" ROLE("t") "source_profile = b\n",
		"profile \"c\" goes round in a circle back to \"b\""},
	    {"[default]\n" ROLE("r") "source_profile = b\nmfa_serial = m\n[profile b]\n" KEYS("B"),
		"export-credentials --profile default"},
	    {"[default]\n" ROLE("r") "source_profile = b\n[profile b]\n" ROLE(
		 "s") "mfa_serial = m\nsource_profile = c\n[profile c]\n" KEYS("C"),
		"profile \"b\" asks for an MFA code"},
	    {"[default]\n" ROLE("r") "source_profile = b\n[profile b]\naws_access_key_id = B\n",
		"no aws_secret_access_key"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		config(cases[i].config);
		check_refused(-EINVAL, cases[i].text);
	}
}
END_TEST

START_TEST(an_endless_chain)
{
	_cleanup_str_ struct str text = {};

	ck_assert_int_eq(
	    str_append_text(&text, "[default]\n" ROLE("r") "source_profile = p0\n"), 0);
	for (int i = 0; i < 1000; i++)
		ck_assert_int_eq(
		    str_appendf(
			&text, "[profile p%d]\n" ROLE("r") "source_profile = p%d\n", i, i + 1),
		    0);
	config(text.data);
	check_refused(-EINVAL, "more than 16 profiles");
}
END_TEST

START_TEST(a_refusal_names_the_profile)
{
	config("[default]\n" ROLE("r") "source_profile = b\n[profile b]\n" ROLE(
	    "s") "source_profile = c\n[profile c]\n" KEYS("C"));
	fake_answer((struct fake_answer){.status = 403, .body = "<Code>AccessDenied</Code>"});
	check_refused(-EPERM, "profile \"b\": https://sts.");
}
END_TEST

START_TEST(a_duration_that_is_none)
{
	static const struct {
		const char *text, *sent;
	} cases[] = {{"soon", NULL}, {"-1", NULL}, {"1e3", NULL}, {"900", "&DurationSeconds=900"},
	    {"99999999999999999999", "&DurationSeconds=4294967295"}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char text[256];

		snprintf(text, sizeof(text),
		    "[default]\n" ROLE("r") "source_profile = default\n" KEYS(
			"A") "duration_seconds = %s\n",
		    cases[i].text);
		config(text);
		fake_sts("R", 900);
		check("R");
		fake_sts_check(0, "A", cases[i].sent ? cases[i].sent : "");
		if (!cases[i].sent)
			ck_assert_ptr_null(strstr(fake_asked[0].body.data, "Duration"));
	}
}
END_TEST

UNIT(cred_assume_role, with_another_profile, one_after_the_other, with_its_own_keys,
    with_the_machines, the_environment_is_passed_over_for_a_source_profile, not_configured,
    configured_wrongly, an_endless_chain, a_refusal_names_the_profile, a_duration_that_is_none);

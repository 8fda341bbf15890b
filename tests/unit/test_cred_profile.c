#include "unit.h"

#include <errno.h>

#include "cred_profile.h"
#include "fake_sources.h"

static void setup(const char *credentials, const char *config)
{
	fake_home_make();
	fake_home_write(".aws/credentials", credentials);
	fake_home_write(".aws/config", config);
}

static void check(const char *id, const char *secret, const char *token, const char *source)
{
	_cleanup_(credentials_unrefp) struct credentials *credentials = NULL;
	struct err e = {};

	ck_assert_msg(cred_profile(&fake_sources, &credentials, &e) == 0, "%s", e.text);
	ck_assert_str_eq(credentials->access_key_id, id);
	ck_assert_str_eq(credentials->secret_access_key, secret);
	ck_assert_pstr_eq(credentials->session_token, token);
	ck_assert_str_eq(credentials->source, source);
	ck_assert_int_eq(credentials->expires_s, 0);
	fake_home_remove();
}

static void check_refused(int code, const char *text)
{
	struct credentials *credentials = NULL;
	struct err e = {};

	ck_assert_int_eq(cred_profile(&fake_sources, &credentials, &e), code);
	ck_assert_ptr_null(credentials);
	ck_assert_msg(strstr(e.text, text), "%s", e.text);
	ck_assert_ptr_null(strstr(e.text, "SECRET"));
	fake_home_remove();
}

START_TEST(credentials_file_first)
{
	setup("[default]\naws_access_key_id=A\naws_secret_access_key=SECRET/1\n",
	    "[default]\naws_access_key_id=B\naws_secret_access_key=SECRET2\n"
	    "aws_session_token=t\n");
	check("A", "SECRET/1", NULL, "shared-credentials-file");
}
END_TEST

START_TEST(then_config_file)
{
	setup("[other]\naws_access_key_id=A\n",
	    "[default]\naws_access_key_id=B\naws_secret_access_key=SECRET2\n"
	    "aws_session_token=t\n");
	check("B", "SECRET2", "t", "config-file");
}
END_TEST

START_TEST(the_older_name_of_the_token)
{
	setup("[default]\naws_access_key_id=A\naws_secret_access_key=S\n"
	      "aws_session_token=new\naws_security_token=old\n",
	    "");
	check("A", "S", "old", "shared-credentials-file");
}
END_TEST

START_TEST(a_named_profile)
{
	setup("[default]\naws_access_key_id=A\naws_secret_access_key=S\n",
	    "[profile x]\naws_access_key_id=B\naws_secret_access_key=T\n");
	fake_setenv("AWS_PROFILE", "x");
	check("B", "T", NULL, "config-file");
}
END_TEST

START_TEST(no_keys)
{
	setup("[default]\naws_secret_access_key=SECRET\n", "[default]\nregion=x\n");
	check_refused(-ENOENT, "");
}
END_TEST

START_TEST(half_a_pair)
{
	setup("[default]\naws_access_key_id=A\n",
	    "[default]\naws_access_key_id=B\naws_secret_access_key=SECRET\n");
	check_refused(-EINVAL, ".aws/credentials has aws_access_key_id but no");
}
END_TEST

START_TEST(no_key)
{
	setup("[default]\naws_access_key_id=A\naws_secret_access_key=SECRET # mine\n", "");
	check_refused(-EINVAL, "holds a blank");
}
END_TEST

START_TEST(a_missing_profile)
{
	setup("[default]\naws_access_key_id=A\naws_secret_access_key=S\n", "");
	fake_setenv("AWS_PROFILE", "x");
	check_refused(-EINVAL, "profile \"x\"");
}
END_TEST

START_TEST(what_would_be_preferred_is_refused)
{
	static const char *const keys[] = {
	    "role_arn", "web_identity_token_file", "sso_account_id", "sso_role_name"};
	char config[128];

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		snprintf(config, sizeof(config), "[default]\n%s = x\n", keys[i]);
		setup("[default]\naws_access_key_id=A\naws_secret_access_key=S\n", config);
		check_refused(-EINVAL, keys[i]);
	}
	setup("[default]\naws_access_key_id=A\naws_secret_access_key=S\n", "");
	fake_setenv("AWS_WEB_IDENTITY_TOKEN_FILE", "/token");
	check_refused(-EINVAL, "AWS_WEB_IDENTITY_TOKEN_FILE");
}
END_TEST

START_TEST(a_process_is_preferred_to_the_config_file_only)
{
	setup("[default]\naws_access_key_id=A\naws_secret_access_key=S\n",
	    "[default]\ncredential_process = x\nlogin_session = y\n");
	check("A", "S", NULL, "shared-credentials-file");
	setup("", "[default]\naws_access_key_id=A\naws_secret_access_key=S\n"
		  "credential_process = x\n");
	check_refused(-EINVAL, "credential_process");
	setup("", "[default]\nlogin_session = x\n");
	check_refused(-EINVAL, "login_session");
}
END_TEST

UNIT(cred_profile, credentials_file_first, then_config_file, the_older_name_of_the_token,
    a_named_profile, no_keys, half_a_pair, no_key, a_missing_profile,
    what_would_be_preferred_is_refused, a_process_is_preferred_to_the_config_file_only);

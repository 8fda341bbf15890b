#include "unit.h"

#include <errno.h>

#include "cred_web_identity.h"
#include "fake_fetch.h"
#include "fake_sources.h"
#include "fake_sts.h"
#include "file_stamps.h"

static const char *path_of(const char *name)
{
	static char path[64];

	snprintf(path, sizeof(path), "%s/%s", fake_home, name);
	return path;
}

static void check(const struct credential_sources *sources, const char *request)
{
	_cleanup_(credentials_unrefp) struct credentials *credentials = NULL;
	struct err e = {};

	fake_fetch_reset();
	fake_sts("R", 900);
	ck_assert_msg(cred_web_identity(sources, &credentials, &e) == 0, "%s", e.text);
	ck_assert_str_eq(credentials->source, "assume-role-with-web-identity");
	fake_sts_check(0, NULL, request);
}

static void check_refused(int code, const char *text)
{
	struct credentials *credentials = NULL;
	struct err e = {};

	fake_fetch_reset();
	ck_assert_int_eq(cred_web_identity(&fake_sources, &credentials, &e), code);
	ck_assert_ptr_null(credentials);
	ck_assert_msg(strstr(e.text, text), "%s", e.text);
}

START_TEST(the_environment_before_the_profile)
{
	char config[256];

	fake_home_make();
	fake_home_write("token", "SECRET.1");
	fake_home_write("other", "SECRET.2");
	check_refused(-ENOENT, "");
	snprintf(config, sizeof(config),
	    "[default]\nweb_identity_token_file = %s\nrole_arn = profile-role\n"
	    "role_session_name = profile-name\n",
	    path_of("token"));
	fake_home_write(".aws/config", config);
	check(&fake_sources,
	    "RoleArn=profile-role&RoleSessionName=profile-name&WebIdentityToken=SECRET.1");
	/* Each by itself. */
	fake_setenv("AWS_ROLE_ARN", "env-role");
	check(&fake_sources, "RoleArn=env-role&RoleSessionName=profile-name");
	fake_setenv("AWS_ROLE_SESSION_NAME", "env-name");
	check(&fake_sources, "RoleArn=env-role&RoleSessionName=env-name");
	fake_setenv("AWS_WEB_IDENTITY_TOKEN_FILE", path_of("other"));
	check(&fake_sources, "WebIdentityToken=SECRET.2");
	fake_home_remove();
}
END_TEST

START_TEST(an_explicit_profile_passes_the_environment_over)
{
	struct credential_sources sources = fake_sources;
	char config[256];

	fake_home_make();
	fake_home_write("token", "SECRET.1");
	snprintf(config, sizeof(config),
	    "[profile x]\nweb_identity_token_file = %s\nrole_arn = profile-role\n",
	    path_of("token"));
	fake_home_write(".aws/config", config);
	fake_setenv("AWS_ROLE_ARN", "env-role");
	fake_setenv("AWS_WEB_IDENTITY_TOKEN_FILE", "/nowhere");
	sources.profile = "x";
	check(&sources, "RoleArn=profile-role&RoleSessionName=ecr-upsertd-");
	fake_home_remove();
}
END_TEST

START_TEST(the_file_is_read_each_time_and_noted)
{
	struct credential_sources sources = fake_sources;
	struct file_stamps seen = {};

	fake_home_make();
	fake_home_write("token", "SECRET.1\r\n");
	fake_setenv("AWS_ROLE_ARN", "r");
	fake_setenv("AWS_WEB_IDENTITY_TOKEN_FILE", path_of("token"));
	sources.seen = &seen;
	check(&sources, "WebIdentityToken=SECRET.1");
	ck_assert_str_eq(fake_asked[0].body.data + fake_asked[0].body.len - 8, "SECRET.1");
	ck_assert(!file_stamps_changed(&seen));
	fake_home_write("token", "SECRET.22");
	ck_assert(file_stamps_changed(&seen));
	check(&sources, "WebIdentityToken=SECRET.22");
	file_stamps_finish(&seen);
	fake_home_remove();
}
END_TEST

START_TEST(what_is_missing_is_named)
{
	static char big[WEB_IDENTITY_TOKEN_MAX + 2];

	fake_home_make();
	fake_setenv("AWS_WEB_IDENTITY_TOKEN_FILE", path_of("token"));
	check_refused(-EINVAL, "no role to assume: set AWS_ROLE_ARN");
	fake_setenv("AWS_ROLE_ARN", "r");
	check_refused(-EINVAL, "No such file");
	fake_home_write("token", "\n");
	check_refused(-EINVAL, "holds no web identity token");
	memset(big, 'x', sizeof(big) - 1);
	fake_home_write("token", big);
	check_refused(-EINVAL, "cannot read the web identity token");
	fake_home_remove();
}
END_TEST

START_TEST(a_refused_token)
{
	struct credentials *credentials = NULL;
	struct err e = {};

	fake_home_make();
	fake_home_write("token", "SECRET");
	fake_setenv("AWS_ROLE_ARN", "r");
	fake_setenv("AWS_WEB_IDENTITY_TOKEN_FILE", path_of("token"));
	fake_fetch_reset();
	fake_answer(
	    (struct fake_answer){.status = 400, .body = "<Code>ExpiredTokenException</Code>"});
	ck_assert_int_eq(cred_web_identity(&fake_sources, &credentials, &e), -EACCES);
	ck_assert_msg(strstr(e.text, "web identity token"), "%s", e.text);
	ck_assert_ptr_null(strstr(e.text, "SECRET"));
	fake_home_remove();
}
END_TEST

UNIT(cred_web_identity, the_environment_before_the_profile,
    an_explicit_profile_passes_the_environment_over, the_file_is_read_each_time_and_noted,
    what_is_missing_is_named, a_refused_token);

#include "unit.h"

#include <errno.h>

#include "fake_sources.h"
#include "profile.h"

static void load(struct profile *ret)
{
	struct err e = {};

	profile_finish(ret);
	ck_assert_msg(profile_load(&fake_sources, ret, &e) == 0, "%s", e.text);
}

static void check_refused(int code, const char *text)
{
	struct profile profile = {};
	struct err e = {};

	ck_assert_int_eq(profile_load(&fake_sources, &profile, &e), code);
	ck_assert_ptr_null(profile.name);
	ck_assert_msg(strstr(e.text, text), "%s", e.text);
}

START_TEST(no_files_is_an_empty_default)
{
	_cleanup_(profile_finish) struct profile profile = {};

	fake_home_make();
	load(&profile);
	ck_assert_str_eq(profile.name, "default");
	ck_assert_ptr_null(profile_get(&profile, "region"));
	fake_home_remove();
	load(&profile);
}
END_TEST

START_TEST(credentials_file_wins)
{
	_cleanup_(profile_finish) struct profile profile = {};

	fake_home_make();
	fake_home_write(".aws/config", "[default]\nregion = b\noutput = json\nempty =\n"
				       "[profile x]\nregion = c\n");
	fake_home_write(".aws/credentials", "[x]\nregion=d\n[default]\noutput = text\n");
	load(&profile);
	ck_assert_str_eq(profile_get(&profile, "region"), "b");
	ck_assert_str_eq(profile_get(&profile, "output"), "text");
	ck_assert_ptr_null(profile_get(&profile, "empty"));
	ck_assert_str_eq(profile_get_from(&profile, PROFILE_CONFIG_FILE, "output"), "json");
	ck_assert_ptr_null(profile_get_from(&profile, PROFILE_CREDENTIALS_FILE, "region"));
	fake_home_remove();
}
END_TEST

START_TEST(the_profile_is_chosen_by_name)
{
	_cleanup_(profile_finish) struct profile profile = {};

	fake_home_make();
	fake_home_write(".aws/config",
	    "[x]\nregion=none\n[profilex]\nregion=none\n[profile 'x y']\nregion=xy\n"
	    "[profile \"q\"]\nregion=q\n[profile\t'r']\nregion=r\n[profile x]\n");
	fake_setenv("AWS_PROFILE", "x");
	load(&profile);
	ck_assert_str_eq(profile.name, "x");
	ck_assert_ptr_null(profile_get(&profile, "region"));
	fake_setenv("AWS_PROFILE", "x y");
	load(&profile);
	ck_assert_str_eq(profile_get(&profile, "region"), "xy");
	fake_setenv("AWS_PROFILE", "q");
	load(&profile);
	ck_assert_str_eq(profile_get(&profile, "region"), "q");
	fake_setenv("AWS_DEFAULT_PROFILE", "r");
	load(&profile);
	ck_assert_str_eq(profile_get(&profile, "region"), "r");
	fake_setenv("AWS_DEFAULT_PROFILE", "");
	load(&profile);
	ck_assert_str_eq(profile_get(&profile, "region"), "q");
	fake_home_remove();
}
END_TEST

START_TEST(chosen_explicitly)
{
	struct credential_sources sources = fake_sources;
	_cleanup_(profile_finish) struct profile profile = {};
	struct err e = {};

	fake_home_make();
	fake_home_write(".aws/config", "[profile x]\nregion=x\n[profile y]\nregion=y\n");
	fake_setenv("AWS_DEFAULT_PROFILE", "x");
	sources.profile = "y";
	ck_assert_int_eq(profile_load(&sources, &profile, NULL), 0);
	ck_assert_str_eq(profile_get(&profile, "region"), "y");
	sources.profile = "default";
	ck_assert_int_eq(profile_load(&sources, &profile, &e), -EINVAL);
	ck_assert_msg(strstr(e.text, "\"default\" (of the configuration)"), "%s", e.text);
	fake_home_remove();
}
END_TEST

START_TEST(from_files_that_were_read_before)
{
	struct credential_sources sources = fake_sources;
	_cleanup_(profile_files_freep) struct profile_files *files = NULL;
	_cleanup_(profile_finish) struct profile profile = {};

	fake_home_make();
	fake_home_write(".aws/config", "[default]\nregion=a\n");
	ck_assert_int_eq(profile_files_read(&fake_sources, &files, NULL), 0);
	fake_home_write(".aws/config", "[default]\nregion=b\n");
	sources.files = files;
	ck_assert_int_eq(profile_load(&sources, &profile, NULL), 0);
	ck_assert_str_eq(profile_get(&profile, "region"), "a");
	fake_home_remove();
}
END_TEST

START_TEST(a_named_profile_must_exist)
{
	fake_home_make();
	fake_home_write(".aws/config", "[x]\nregion=a\n");
	fake_setenv("AWS_PROFILE", "x");
	check_refused(-EINVAL, "profile \"x\" (AWS_PROFILE) is neither in /tmp/test_home.");
	fake_home_remove();
}
END_TEST

START_TEST(services_belong_to_the_profile)
{
	_cleanup_(profile_finish) struct profile profile = {};

	fake_home_make();
	fake_home_write(".aws/config",
	    "[services dev]\necr =\n  endpoint_url = http://e:1\n[default]\nservices = dev\n"
	    "[services other]\necr =\n  endpoint_url = http://o:1\n");
	load(&profile);
	ck_assert_str_eq(profile_get(&profile, "services.ecr.endpoint_url"), "http://e:1");
	fake_home_remove();
}
END_TEST

START_TEST(an_sso_session_belongs_to_the_profile)
{
	_cleanup_(profile_finish) struct profile profile = {};

	fake_home_make();
	fake_home_write(".aws/config",
	    "[default]\nsso_session = a\nsso_region = own\n[sso-session a]\nsso_region = r\n"
	    "[profile x]\nsso_session = none\n");
	load(&profile);
	ck_assert_str_eq(profile_get(&profile, "sso_session"), "a");
	ck_assert_str_eq(profile_get(&profile, "sso_region"), "own");
	ck_assert_str_eq(profile_get(&profile, "sso_session.sso_region"), "r");
	ck_assert_ptr_null(profile_get(&profile, "sso_session.sso_start_url"));
	ck_assert_ptr_null(profile_get(&profile, "services.ecr.endpoint_url"));
	fake_setenv("AWS_PROFILE", "x");
	load(&profile);
	ck_assert_ptr_null(profile_get(&profile, "sso_session.sso_region"));
	fake_home_remove();
}
END_TEST

START_TEST(files_of_another_name)
{
	_cleanup_(profile_finish) struct profile profile = {};

	fake_home_make();
	fake_home_write(".aws/config", "[default]\nregion = a\n");
	fake_home_write("other", "[default]\nregion = b\n");
	fake_setenv("AWS_CONFIG_FILE", "~/other");
	load(&profile);
	ck_assert_str_eq(profile_get(&profile, "region"), "b");
	fake_setenv("AWS_CONFIG_FILE", "/dev/null");
	load(&profile);
	ck_assert_ptr_null(profile_get(&profile, "region"));
	fake_home_remove();
}
END_TEST

START_TEST(without_a_home)
{
	const struct credential_sources sources = {.getenv = fake_getenv};
	_cleanup_(profile_finish) struct profile profile = {};
	struct err e = {};

	ck_assert_int_eq(profile_load(&sources, &profile, NULL), 0);
	fake_setenv("AWS_PROFILE", "x");
	ck_assert_int_eq(profile_load(&sources, &profile, &e), -EINVAL);
	ck_assert_msg(strstr(e.text, "~/.aws/credentials"), "%s", e.text);
}
END_TEST

START_TEST(broken_files_are_named)
{
	char path[64];
	_cleanup_(freep) char *big = malloc(1024 * 1024 + 2);

	fake_home_make();
	snprintf(path, sizeof(path), "%s/.aws/config", fake_home);
	fake_home_write(".aws/config", "[default]\nregion\n");
	check_refused(-EBADMSG, ".aws/config: line 2:");
	memset(big, '#', 1024 * 1024 + 1);
	big[1024 * 1024 + 1] = '\0';
	fake_home_write(".aws/config", big);
	check_refused(-EMSGSIZE, "cannot read ");
	fake_home_remove();
}
END_TEST

UNIT(profile, no_files_is_an_empty_default, credentials_file_wins, the_profile_is_chosen_by_name,
    chosen_explicitly, from_files_that_were_read_before, a_named_profile_must_exist,
    services_belong_to_the_profile, an_sso_session_belongs_to_the_profile, files_of_another_name,
    without_a_home, broken_files_are_named);

#include "unit.h"

#include <errno.h>
#include <string.h>

#include "cred_fixture.h"
#include "sso_settings.h"

static void check(const char *config, const char *session, const char *region)
{
	_cleanup_(sso_settings_finish) struct sso_settings settings = {};
	struct err e = {};

	fixture_init(config);
	ck_assert_msg(sso_settings_read(&fixture_sources, &settings, &e) == 0, "%s", e.text);
	ck_assert_str_eq(settings.profile, "default");
	ck_assert_pstr_eq(settings.session, session);
	ck_assert_str_eq(settings.start_url, "U");
	ck_assert_str_eq(settings.region, region);
	ck_assert_str_eq(settings.account, "1");
	ck_assert_str_eq(settings.role, "R");
	fixture_finish();
}

START_TEST(both_forms)
{
	check("[default]\nsso_account_id=1\nsso_role_name=R\nsso_start_url=U\nsso_region=x\n", NULL,
	    "x");
	check("[default]\nsso_session=s\nsso_account_id=1\nsso_role_name=R\n"
	      "[sso-session s]\nsso_start_url=U\nsso_region=y\n",
	    "s", "y");
	/* What both say must be the same; the session may say it all. */
	check("[default]\nsso_session=s\nsso_account_id=1\nsso_role_name=R\nsso_region=y\n"
	      "[sso-session s]\nsso_start_url=U\nsso_region=y\n",
	    "s", "y");
	check("[default]\nsso_session=s\nsso_account_id=1\n"
	      "[sso-session s]\nsso_start_url=U\nsso_region=y\nsso_role_name=R\n",
	    "s", "y");
	/* A session of the name that profiles begin with. */
	check("[default]\nsso_session=default\nsso_account_id=1\nsso_role_name=R\n"
	      "[sso-session default]\nsso_start_url=U\nsso_region=y\n",
	    "default", "y");
}
END_TEST

START_TEST(not_its_business)
{
	static const char *const configs[] = {"", "[default]\nregion = x\n",
	    "[default]\nsso_start_url=U\nsso_region=x\n",
	    "[default]\nsso_session=s\n[sso-session s]\nsso_start_url=U\nsso_region=y\n"};
	struct sso_settings settings = {};

	for (size_t i = 0; i < sizeof(configs) / sizeof(*configs); i++) {
		fixture_init(configs[i]);
		ck_assert_int_eq(sso_settings_read(&fixture_sources, &settings, NULL), -ENOENT);
		fixture_finish();
	}
}
END_TEST

START_TEST(incomplete_ones)
{
	static const struct {
		const char *config, *words;
	} cases[] = {
	    {"[default]\nsso_account_id=1\nsso_start_url=U\nsso_region=x\n", "no sso_role_name"},
	    {"[default]\nsso_role_name=1\nsso_start_url=U\nsso_region=x\n", "no sso_account_id"},
	    {"[default]\nsso_account_id=1\nsso_role_name=R\nsso_region=x\n", "no sso_start_url"},
	    {"[default]\nsso_account_id=1\nsso_role_name=R\nsso_start_url=U\n", "no sso_region"},
	    {"[default]\nsso_account_id=1\nsso_role_name=R\nsso_session=s\n", "\"s\", which "},
	    {"[default]\nsso_account_id=1\nsso_role_name=R\nsso_session=s\nsso_region=x\n"
	     "[sso-session s]\nsso_start_url=U\n",
		"[sso-session s] needs sso_start_url and sso_region"},
	    {"[default]\nsso_account_id=1\nsso_role_name=R\nsso_session=s\nsso_start_url=U\n"
	     "[sso-session s]\nsso_region=x\n",
		"[sso-session s] needs"},
	    {"[default]\nsso_account_id=1\nsso_role_name=R\nsso_session=s\nsso_region=x\n"
	     "[sso-session s]\nsso_start_url=U\nsso_region=y\n",
		"sso_region of profile \"default\" differs"},
	    {"[default]\nsso_account_id=1\nsso_role_name=R\nsso_session=s\nsso_start_url=V\n"
	     "[sso-session s]\nsso_start_url=U\nsso_region=y\n",
		"sso_start_url of profile \"default\" differs"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct sso_settings settings = {};
		struct err e = {};

		fixture_init(cases[i].config);
		ck_assert_int_eq(sso_settings_read(&fixture_sources, &settings, &e), -EINVAL);
		ck_assert_msg(strstr(e.text, cases[i].words), "%s", e.text);
		ck_assert_ptr_null(settings.region);
		fixture_finish();
	}
}
END_TEST

UNIT(sso_settings, both_forms, not_its_business, incomplete_ones);

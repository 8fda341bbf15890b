#pragma once
/* A profile of IAM Identity Center, in either form, and the file that `aws sso login` leaves. */
#include "cred_fixture.h"
#include "fake_fetch.h"

#define SSO_SESSION                                                        \
	"[sso-session corp]\nsso_start_url = https://corp.example/start\n" \
	"sso_region = eu-central-1\n"
#define SSO_NEW                                                          \
	"[default]\nsso_session = corp\nsso_account_id = 123456789012\n" \
	"sso_role_name = Dev\n" SSO_SESSION
#define SSO_OLD                                                   \
	"[default]\nsso_start_url = https://corp.example/start\n" \
	"sso_region = eu-central-1\nsso_account_id = 123456789012\nsso_role_name = Dev\n"
/* sha1("corp"), sha1("https://corp.example/start") */
#define SSO_NEW_FILE "ee0bfd2552fbd840c02cc48b6e823320543c450f"
#define SSO_OLD_FILE "f7c9b39d0b4c7a7d82c79307585f77e1c5e74378"

static inline void sso_init(const char *config)
{
	char path[64];

	fake_fetch_reset();
	fixture_init(config);
	snprintf(path, sizeof(path), "%s/.aws/sso", fake_home);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	strcat(path, "/cache");
	ck_assert_int_eq(mkdir(path, 0700), 0);
}

/* In the cache folder. */
static inline void sso_path(const char *file, char ret[static 128])
{
	snprintf(ret, 128, "%s/.aws/sso/cache/%s.json", fake_home, file);
}

static inline void sso_write(const char *file, const char *text)
{
	char path[128];
	FILE *stream;

	sso_path(file, path);
	stream = fopen(path, "w");
	ck_assert_ptr_nonnull(stream);
	ck_assert_int_ge(fputs(text, stream), 0);
	ck_assert_int_eq(fclose(stream), 0);
}

#include "unit.h"

#include <errno.h>
#include <string.h>

#include "file_stamps.h"
#include "sso_cache.h"
#include "sso_fixture.h"

static int read_cache(struct sso_cache *ret, struct err *e)
{
	_cleanup_(sso_settings_finish) struct sso_settings settings = {};

	ck_assert_int_eq(sso_settings_read(&fixture_sources, &settings, NULL), 0);
	return sso_cache_read(&settings, &fixture_sources, ret, e);
}

static void check(const char *config, const char *file)
{
	_cleanup_(sso_cache_finish) struct sso_cache cache = {};
	char path[128];

	sso_init(config);
	sso_path(file, path);
	sso_write(file, "{\"accessToken\": \"TOKEN\", \"expiresAt\": \"2026-01-02T03:04:05UTC\"}");
	ck_assert_int_eq(read_cache(&cache, NULL), 0);
	ck_assert_str_eq(cache.path, path);
	ck_assert_str_eq(cache.access_token, "TOKEN");
	ck_assert_int_eq(cache.expires_s, 1767323045);
	fixture_finish();
}

START_TEST(the_file_of_either_form)
{
	check(SSO_NEW, SSO_NEW_FILE);
	check(SSO_OLD, SSO_OLD_FILE);
}
END_TEST

START_TEST(as_good_as_none)
{
	static const char *const texts[] = {NULL, "", "{", "[]", "\"x\"", "{}",
	    "{\"accessToken\": \"T\"}", "{\"expiresAt\": \"2026-01-02T03:04:05Z\"}",
	    "{\"accessToken\": \"\", \"expiresAt\": \"2026-01-02T03:04:05Z\"}",
	    "{\"accessToken\": \"a b\", \"expiresAt\": \"2026-01-02T03:04:05Z\"}",
	    "{\"accessToken\": \"a\\r\\nX: y\", \"expiresAt\": \"2026-01-02T03:04:05Z\"}",
	    "{\"accessToken\": 7, \"expiresAt\": \"2026-01-02T03:04:05Z\"}",
	    "{\"accessToken\": \"T\", \"expiresAt\": \"2026-01-02T03:04:05\"}",
	    "{\"accessToken\": \"T\", \"expiresAt\": 1767323045}"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		_cleanup_(sso_cache_finish) struct sso_cache cache = {};

		sso_init(SSO_NEW);
		if (texts[i])
			sso_write(SSO_NEW_FILE, texts[i]);
		ck_assert_int_eq(read_cache(&cache, NULL), 0);
		ck_assert_msg(!cache.access_token, "%s", texts[i]);
		fixture_finish();
	}
}
END_TEST

START_TEST(without_a_home)
{
	_cleanup_(sso_settings_finish) struct sso_settings settings = {};
	struct credential_sources sources = fixture_sources;
	struct sso_cache cache = {};
	struct err e = {};

	sso_init(SSO_NEW);
	ck_assert_int_eq(sso_settings_read(&fixture_sources, &settings, NULL), 0);
	sources.home = NULL;
	ck_assert_int_eq(sso_cache_read(&settings, &sources, &cache, &e), -EINVAL);
	ck_assert_msg(strstr(e.text, "HOME"), "%s", e.text);
	fixture_finish();
}
END_TEST

START_TEST(a_sign_in_is_noticed)
{
	_cleanup_(file_stamps_finish) struct file_stamps stamps = {};
	_cleanup_(sso_settings_finish) struct sso_settings settings = {};
	_cleanup_(sso_cache_finish) struct sso_cache cache = {};
	struct credential_sources sources = fixture_sources;

	sso_init(SSO_NEW);
	sources.seen = &stamps;
	ck_assert_int_eq(sso_settings_read(&fixture_sources, &settings, NULL), 0);
	ck_assert_int_eq(sso_cache_read(&settings, &sources, &cache, NULL), 0);
	ck_assert(!file_stamps_changed(&stamps));
	sso_write(SSO_NEW_FILE, "{}");
	ck_assert(file_stamps_changed(&stamps));
	fixture_finish();
}
END_TEST

static void check_format(const char *before, const char *refresh_token, const char *after)
{
	_cleanup_(sso_cache_finish) struct sso_cache cache = {};
	_cleanup_str_ struct str text = {};
	const struct sso_renewal renewal = {
	    .access_token = "N\"ew", .refresh_token = refresh_token, .expires_s = 1767323045};

	sso_init(SSO_NEW);
	sso_write(SSO_NEW_FILE, before);
	ck_assert_int_eq(read_cache(&cache, NULL), 0);
	ck_assert_int_eq(sso_cache_format(&cache, &renewal, &text), 0);
	ck_assert_str_eq(str_text(&text), after);
	fixture_finish();
}

START_TEST(other_members_are_kept)
{
	check_format(
	    "{\"expiresAt\": \"x\", \"a\": [1, 1.50, {\"b\": null}], \"accessToken\": \"o\", "
	    "\"refreshToken\": \"r\", \"z\\u00e9\": \"\\u20ac\"}",
	    "r2",
	    "{\"a\": [1,1.50,{\"b\":null}], \"z\xc3\xa9\": \"\xe2\x82\xac\", \"accessToken\": "
	    "\"N\\\"ew\", \"expiresAt\": \"2026-01-02T03:04:05Z\", \"refreshToken\": \"r2\"}");
	check_format("{\"refreshToken\": \"r\", \"accessToken\": \"o\"}", NULL,
	    "{\"refreshToken\": \"r\", \"accessToken\": \"N\\\"ew\", \"expiresAt\": "
	    "\"2026-01-02T03:04:05Z\"}");
	check_format(
	    "{}", NULL, "{\"accessToken\": \"N\\\"ew\", \"expiresAt\": \"2026-01-02T03:04:05Z\"}");
}
END_TEST

UNIT(sso_cache, the_file_of_either_form, as_good_as_none, without_a_home, a_sign_in_is_noticed,
    other_members_are_kept);

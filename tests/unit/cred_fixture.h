#pragma once
/* A provider under test: an environment, a home, a fetcher that can be stopped, a clock. */
#include <check.h>

#include "fake_sources.h"
#include "stop.h"

/* 2026-01-02T03:04:05Z */
enum { FIXTURE_NOW_S = 1767323045 };

static struct stop fixture_stop;
static const struct fetcher fixture_fetcher = {.stop = &fixture_stop};

static inline int64_t fixture_now_s(void)
{
	return FIXTURE_NOW_S;
}

static const struct credential_sources fixture_sources = {
    .getenv = fake_getenv, .home = fake_home, .fetcher = &fixture_fetcher, .now_s = fixture_now_s};

/* config: of ~/.aws/config, or NULL. */
static inline void fixture_init(const char *config)
{
	ck_assert_int_eq(stop_init(&fixture_stop), 0);
	fake_env_len = 0;
	fake_home_make();
	fake_setenv("HOME", fake_home);
	if (config)
		fake_home_write(".aws/config", config);
}

static inline void fixture_finish(void)
{
	fake_home_remove();
	stop_finish(&fixture_stop);
}

/* It has credentials of this id, of which the caller has the reference. */
static inline struct credentials *fixture_get(credential_provider provider, const char *id)
{
	struct credentials *credentials = NULL;
	struct err e = {};
	int r = provider(&fixture_sources, &credentials, &e);

	ck_assert_msg(r == 0, "%d: %s", r, e.text);
	ck_assert_str_eq(credentials->access_key_id, id);
	return credentials;
}

/* It fails with this code and a text that holds `words`, and no secret. */
static inline void fixture_refuse(credential_provider provider, int code, const char *words)
{
	struct credentials *credentials = NULL;
	struct err e = {};
	int r = provider(&fixture_sources, &credentials, &e);

	ck_assert_msg(r == code && strstr(e.text, words), "%d: %s", r, e.text);
	ck_assert_msg(!strstr(e.text, "SECRET"), "%s", e.text);
	ck_assert_ptr_null(credentials);
}

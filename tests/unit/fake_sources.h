#pragma once
/* An environment and a home directory of a test's own. */
#include <check.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "clock.h"
#include "credentials.h"

/* No test asks the metadata service of the machine that it runs on. */
static struct {
	const char *name, *value;
} fake_env[16] = {{"AWS_EC2_METADATA_DISABLED", "true"}};
static size_t fake_env_len = 1;
static char fake_home[sizeof("/tmp/test_home.XXXXXX")];

static inline const char *fake_getenv(const char *name)
{
	for (size_t i = fake_env_len; i > 0; i--)
		if (!strcmp(fake_env[i - 1].name, name))
			return fake_env[i - 1].value;
	return NULL;
}

/* Both are borrowed. */
static inline void fake_setenv(const char *name, const char *value)
{
	ck_assert_uint_lt(fake_env_len, sizeof(fake_env) / sizeof(*fake_env));
	fake_env[fake_env_len].name = name;
	fake_env[fake_env_len++].value = value;
}

static const struct credential_sources fake_sources = {
    .getenv = fake_getenv, .home = fake_home, .now_s = clock_wall_s};

static inline void fake_home_make(void)
{
	char path[64];

	strcpy(fake_home, "/tmp/test_home.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(fake_home));
	snprintf(path, sizeof(path), "%s/.aws", fake_home);
	ck_assert_int_eq(mkdir(path, 0700), 0);
}

static inline void fake_home_write(const char *name, const char *text)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", fake_home, name);
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(text, file), 0);
	ck_assert_int_eq(fclose(file), 0);
}

static inline int fake_remove(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

static inline void fake_home_remove(void)
{
	nftw(fake_home, fake_remove, 8, FTW_DEPTH | FTW_PHYS);
}

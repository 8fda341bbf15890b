#pragma once
/* A state directory of a test's own. */
#include <check.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "state_dir.h"

static char state_path[sizeof("/tmp/test_state.XXXXXX")];
static struct state_dir *state;

static inline void state_make(void)
{
	strcpy(state_path, "/tmp/test_state.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(state_path));
	ck_assert_int_eq(state_dir_open(state_path, &state, NULL), 0);
}

static inline int state_remove_one(
    const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

static inline void state_remove(void)
{
	state_dir_free(state);
	state = NULL;
	nftw(state_path, state_remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static inline void state_write(const char *name, const char *text)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", state_path, name);
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(text, file), 0);
	ck_assert_int_eq(fclose(file), 0);
}

/* Valid until the next call; "" for a file that is not there. */
static inline const char *state_read(const char *name)
{
	static struct str text;
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", state_path, name);
	str_clear(&text);
	file_read(path, 1024 * 1024, &text);
	return str_text(&text);
}

#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>

#include "fake_sources.h"
#include "state_fixture.h"

static void check_default(const char *unit, const char *xdg, const char *home, const char *path)
{
	_cleanup_(freep) char *got = NULL;
	struct err e = {};
	int r;

	fake_env_len = 0;
	fake_setenv("STATE_DIRECTORY", unit);
	fake_setenv("XDG_STATE_HOME", xdg);
	fake_setenv("HOME", home);
	r = state_dir_default(fake_getenv, &got, &e);
	ck_assert_int_eq(r, path ? 0 : -ENOENT);
	if (path)
		ck_assert_str_eq(got, path);
	else
		ck_assert_ptr_nonnull(strstr(e.text, "--state-dir"));
}

START_TEST(where_it_is)
{
	check_default("/var/lib/ecr-upsertd", "/x", "/h", "/var/lib/ecr-upsertd");
	check_default("/var/lib/a:/var/lib/b", "/x", "/h", "/var/lib/a");
	check_default("", "/x", "/h", "/x/ecr-upsertd");
	check_default(NULL, "/x", NULL, "/x/ecr-upsertd");
	check_default(NULL, "relative", "/h", "/h/.local/state/ecr-upsertd");
	check_default(NULL, "", "/h", "/h/.local/state/ecr-upsertd");
	check_default(NULL, NULL, NULL, NULL);
	check_default("", "", "", NULL);
}
END_TEST

START_TEST(makes_what_is_missing)
{
	struct state_dir *dir = NULL;
	char path[64];
	struct stat st;

	state_make();
	snprintf(path, sizeof(path), "%s/a/b/c", state_path);
	ck_assert_int_eq(state_dir_open(path, &dir, NULL), 0);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0700);
	ck_assert_str_eq(state_dir_path(dir), path);
	ck_assert_int_eq(faccessat(state_dir_fd(dir), "lock", F_OK, 0), 0);
	state_dir_free(dir);
	state_remove();
}
END_TEST

START_TEST(a_second_one_is_refused)
{
	struct state_dir *second = NULL;
	struct err e = {};
	char pid[32];

	state_make();
	ck_assert_int_eq(state_dir_open(state_path, &second, &e), -EBUSY);
	ck_assert_ptr_null(second);
	snprintf(pid, sizeof(pid), "(process %ld)", (long)getpid());
	ck_assert_msg(strstr(e.text, pid), "%s", e.text);
	state_dir_free(state);
	ck_assert_int_eq(state_dir_open(state_path, &state, &e), 0);
	state_remove();
}
END_TEST

/* However its holder ended. */
START_TEST(a_dead_one_holds_nothing)
{
	int status;
	pid_t pid;

	state_make();
	state_dir_free(state);
	pid = fork();
	if (pid == 0) {
		state_dir_open(state_path, &state, NULL);
		raise(SIGKILL);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(state_dir_open(state_path, &state, NULL), 0);
	state_remove();
}
END_TEST

START_TEST(what_cannot_be_a_folder)
{
	struct state_dir *dir = NULL;
	struct err e = {};
	char path[64];

	state_make();
	state_write("file", "");
	snprintf(path, sizeof(path), "%s/file", state_path);
	ck_assert_int_eq(state_dir_open(path, &dir, &e), -ENOTDIR);
	ck_assert_msg(strstr(e.text, "Not a directory"), "%s", e.text);
	snprintf(path, sizeof(path), "%s/file/below", state_path);
	ck_assert_int_eq(state_dir_open(path, &dir, &e), -ENOTDIR);
	ck_assert_int_lt(state_dir_open("", &dir, &e), 0);
	ck_assert_int_lt(state_dir_open("/proc/none/x", &dir, &e), 0);
	ck_assert_ptr_nonnull(strstr(e.text, "/proc/none/x cannot be used"));
	state_remove();
}
END_TEST

UNIT(state_dir, where_it_is, makes_what_is_missing, a_second_one_is_refused,
    a_dead_one_holds_nothing, what_cannot_be_a_folder);

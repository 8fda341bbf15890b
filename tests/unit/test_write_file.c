#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "file.h"
#include "write_file.h"

static char folder[] = "/tmp/test_write_file.XXXXXX";

static const char *at(const char *name)
{
	static char paths[4][256];
	static size_t next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	return path;
}

static void setup(void)
{
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	umask(022);
}

static void teardown(void)
{
	char command[300];

	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	ck_assert_int_eq(system(command), 0);
}

static void check_holds(const char *path, const char *text)
{
	_cleanup_str_ struct str s = {};

	ck_assert_int_eq(file_read(path, 100, &s), 0);
	ck_assert_str_eq(str_text(&s), text);
}

static unsigned mode_of(const char *path)
{
	struct stat st;

	ck_assert_int_eq(stat(path, &st), 0);
	return st.st_mode & 07777;
}

static unsigned entries(void)
{
	char command[300];
	unsigned n = 99;
	FILE *pipe;

	snprintf(command, sizeof(command), "find '%s' -type f | wc -l", folder);
	pipe = popen(command, "r");
	ck_assert_int_eq(fscanf(pipe, "%u", &n), 1);
	pclose(pipe);
	return n;
}

START_TEST(makes_folders_and_the_file)
{
	struct err e = {};

	setup();
	ck_assert_int_eq(write_file(at("a/b/c.conf"), "one\n", 4, &e), 0);
	check_holds(at("a/b/c.conf"), "one\n");
	ck_assert_uint_eq(mode_of(at("a/b")), 0755);
	ck_assert_uint_eq(mode_of(at("a/b/c.conf")), 0644);
	ck_assert_uint_eq(entries(), 1);
	teardown();
}
END_TEST

START_TEST(replaces_and_keeps_the_mode)
{
	struct err e = {};

	setup();
	ck_assert_int_eq(write_file(at("c"), "one\n", 4, &e), 0);
	ck_assert_int_eq(chmod(at("c"), 0600), 0);
	ck_assert_int_eq(write_file(at("c"), "2\n", 2, &e), 0);
	check_holds(at("c"), "2\n");
	ck_assert_uint_eq(mode_of(at("c")), 0600);
	ck_assert_uint_eq(entries(), 1);
	teardown();
}
END_TEST

START_TEST(a_failure_leaves_nothing_half_written)
{
	struct err e = {};

	setup();
	ck_assert_int_eq(write_file(at("c"), "one\n", 4, &e), 0);
	ck_assert_int_eq(write_file(at("c/d"), "2\n", 2, &e), -ENOTDIR);
	ck_assert_ptr_nonnull(strstr(e.text, at("c/d")));
	ck_assert_ptr_nonnull(strstr(e.text, "Not a directory"));
	check_holds(at("c"), "one\n");
	/* A folder stands where the file is to be: only the last step fails. */
	ck_assert_int_eq(mkdir(at("f"), 0755), 0);
	ck_assert_int_eq(write_file(at("f"), "2\n", 2, &e), -EISDIR);
	ck_assert_uint_eq(entries(), 1);
	teardown();
}
END_TEST

START_TEST(keeps_two_copies_and_overwrites_none)
{
	struct err e = {};
	char *copy = NULL;

	setup();
	ck_assert_int_eq(write_file_keep(at("c"), &copy, &e), -ENOENT);
	for (unsigned i = 1; i <= 2; i++) {
		static const char *const names[] = {"", "c.bak", "c.ecr-upsertd.bak"};
		char text[2] = {(char)('0' + i)};

		ck_assert_int_eq(write_file(at("c"), text, 1, &e), 0);
		ck_assert_int_eq(write_file_keep(at("c"), &copy, &e), 0);
		ck_assert_str_eq(copy, at(names[i]));
		free(copy);
	}
	copy = NULL;
	ck_assert_int_eq(write_file(at("c"), "3", 1, &e), 0);
	ck_assert_int_eq(write_file_keep(at("c"), &copy, &e), -EEXIST);
	ck_assert_ptr_null(copy);
	ck_assert_ptr_nonnull(strstr(e.text, "move one of them away"));
	check_holds(at("c.bak"), "1");
	check_holds(at("c.ecr-upsertd.bak"), "2");
	check_holds(at("c"), "3");
	teardown();
}
END_TEST

UNIT(write_file, makes_folders_and_the_file, replaces_and_keeps_the_mode,
    a_failure_leaves_nothing_half_written, keeps_two_copies_and_overwrites_none);

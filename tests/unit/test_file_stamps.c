#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file_stamps.h"

static char dir[sizeof("/tmp/test_stamps.XXXXXX")];

/* A path in the test's folder; valid until the next call but one. */
static const char *at(const char *name)
{
	static char paths[2][64];
	static unsigned turn;

	turn ^= 1;
	snprintf(paths[turn], sizeof(paths[turn]), "%s/%s", dir, name);
	return paths[turn];
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(text, file), 0);
	ck_assert_int_eq(fclose(file), 0);
}

static void make_dir(void)
{
	strcpy(dir, "/tmp/test_stamps.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void remove_dir(void)
{
	static const char *const names[] = {"a", "b", "link"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		unlink(at(names[i]));
	ck_assert_int_eq(rmdir(dir), 0);
}

/* Did `stamps` of the file "a" change? They are as the file is afterwards. */
static bool changed(struct file_stamps *stamps)
{
	bool result = file_stamps_changed(stamps);

	file_stamps_finish(stamps);
	ck_assert_int_eq(file_stamps_add(stamps, at("a")), 0);
	ck_assert(!file_stamps_changed(stamps));
	return result;
}

START_TEST(each_kind_of_change)
{
	struct file_stamps stamps = {};
	struct stat st;

	make_dir();
	ck_assert(!changed(&stamps));
	write_file(at("a"), "1");
	ck_assert_msg(changed(&stamps), "made");
	write_file(at("a"), "12");
	ck_assert_msg(changed(&stamps), "another size");
	ck_assert_int_eq(stat(at("a"), &st), 0);
	usleep(20000); /* beyond the file system's tick */
	write_file(at("a"), "34");
	ck_assert_int_eq(
	    utimensat(AT_FDCWD, at("a"), (struct timespec[]){st.st_atim, st.st_mtim}, 0), 0);
	ck_assert_msg(changed(&stamps), "the time set back");
	write_file(at("b"), "34");
	ck_assert_int_eq(rename(at("b"), at("a")), 0);
	ck_assert_msg(changed(&stamps), "replaced");
	ck_assert_int_eq(unlink(at("a")), 0);
	ck_assert_msg(changed(&stamps), "removed");
	file_stamps_finish(&stamps);
	remove_dir();
}
END_TEST

START_TEST(a_link_turned_round)
{
	struct file_stamps stamps = {};

	make_dir();
	write_file(at("a"), "1");
	write_file(at("b"), "2");
	ck_assert_int_eq(symlink("a", at("link")), 0);
	ck_assert_int_eq(file_stamps_add(&stamps, at("link")), 0);
	ck_assert(!file_stamps_changed(&stamps));
	ck_assert_int_eq(unlink(at("link")), 0);
	ck_assert_int_eq(symlink("b", at("link")), 0);
	ck_assert(file_stamps_changed(&stamps));
	file_stamps_finish(&stamps);
	remove_dir();
}
END_TEST

START_TEST(each_path_once_and_as_first_seen)
{
	struct file_stamps stamps = {};

	make_dir();
	ck_assert_int_eq(file_stamps_add(&stamps, at("a")), 0);
	ck_assert_int_eq(file_stamps_add(&stamps, at("b")), 0);
	write_file(at("a"), "1");
	ck_assert_int_eq(file_stamps_add(&stamps, at("a")), 0);
	ck_assert_uint_eq(stamps.len, 2);
	ck_assert(file_stamps_changed(&stamps));
	file_stamps_finish(&stamps);
	ck_assert(!file_stamps_changed(&stamps));
	remove_dir();
}
END_TEST

UNIT(file_stamps, each_kind_of_change, a_link_turned_round, each_path_once_and_as_first_seen);

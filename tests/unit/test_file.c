#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "file.h"

static char *write_file(char *template, const char *bytes, size_t len)
{
	int fd = mkstemp(template);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes, len), (ssize_t)len);
	close(fd);
	return template;
}

START_TEST(reads_up_to_the_limit)
{
	char path[] = "/tmp/test_file.XXXXXX";
	_cleanup_str_ struct str s = {};

	write_file(path, "abc\0def", 7);
	ck_assert_int_eq(file_read(path, 6, &s), -EMSGSIZE);
	ck_assert_uint_eq(s.len, 0);
	ck_assert_int_eq(file_read(path, 7, &s), 0);
	ck_assert_uint_eq(s.len, 7);
	ck_assert_mem_eq(s.data, "abc\0def", 8);
	unlink(path);
	ck_assert_int_eq(file_read(path, 7, &s), -ENOENT);
	ck_assert_uint_eq(s.len, 7);
}
END_TEST

START_TEST(reads_an_empty_file)
{
	char path[] = "/tmp/test_file.XXXXXX";
	_cleanup_str_ struct str s = {};

	write_file(path, "", 0);
	ck_assert_int_eq(file_read(path, 0, &s), 0);
	ck_assert_str_eq(str_text(&s), "");
	unlink(path);
}
END_TEST

START_TEST(takes_regular_files_only)
{
	char dir[] = "/tmp/test_file.XXXXXX", fifo[64];
	_cleanup_str_ struct str s = {};

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(fifo, sizeof(fifo), "%s/fifo", dir);
	ck_assert_int_eq(mkfifo(fifo, 0600), 0);
	ck_assert_int_eq(file_read(dir, 100, &s), -EISDIR);
	ck_assert_int_eq(file_read(fifo, 100, &s), -ENODEV);
	ck_assert_int_eq(file_read("/proc/self/mem", 100, &s), -EIO);
	unlink(fifo);
	rmdir(dir);
}
END_TEST

static unsigned files_in(const char *dir)
{
	unsigned count = 0;
	DIR *stream = opendir(dir);

	while (readdir(stream))
		count++;
	closedir(stream);
	return count - 2;
}

START_TEST(replaces_as_a_whole)
{
	char dir[] = "/tmp/test_file.XXXXXX", path[64], below[80];
	_cleanup_str_ struct str s = {};
	struct stat st;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/file", dir);
	snprintf(below, sizeof(below), "%s/x", path);
	ck_assert_int_eq(file_replace(path, "first", 5), 0);
	ck_assert_int_eq(chmod(path, 0644), 0);
	ck_assert_int_eq(file_replace(path, "a\0b", 3), 0);
	ck_assert_int_eq(file_read(path, 10, &s), 0);
	ck_assert_uint_eq(s.len, 3);
	ck_assert_mem_eq(s.data, "a\0b", 3);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_mode, S_IFREG | 0600);
	ck_assert_int_eq(file_replace(below, "x", 1), -ENOTDIR);
	unlink(path);
	/* What cannot be replaced leaves nothing beside it. */
	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_assert_int_eq(file_replace(path, "x", 1), -EISDIR);
	ck_assert_uint_eq(files_in(dir), 1);
	rmdir(path);
	rmdir(dir);
	ck_assert_int_eq(file_replace(path, "x", 1), -ENOENT);
}
END_TEST

UNIT(file, reads_up_to_the_limit, reads_an_empty_file, takes_regular_files_only,
    replaces_as_a_whole);

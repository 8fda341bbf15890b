#include "unit.h"

#include <errno.h>
#include <fcntl.h>

#include "log.h"
#include "spool.h"
#include "state_fixture.h"

static struct spool *spool;
static struct str seen;

static void setup(void)
{
	log_setup(LOG_LEVEL_ERROR, LOG_FORMAT_TEXT);
	state_make();
	ck_assert_int_eq(spool_open(state, &spool, NULL), 0);
}

static void teardown(void)
{
	spool_free(spool);
	state_remove();
}

static void put(const char *name, const char *content)
{
	_cleanup_str_ struct str text = {};

	ck_assert_int_eq(str_append_text(&text, content), 0);
	ck_assert_int_eq(spool_write(spool, name, &text), 0);
}

static int keep(const char *name, const struct str *text, void *userdata)
{
	ck_assert_int_eq(str_appendf(&seen, "%s=%s ", name, str_text(text)), 0);
	if (strcmp(str_text(text), "end") == 0)
		return 3;
	return strcmp(str_text(text), "junk") == 0 ? -EBADMSG : 0;
}

static const char *each(int r)
{
	str_clear(&seen);
	ck_assert_int_eq(spool_each(spool, keep, NULL), r);
	return str_text(&seen);
}

static bool is_there(const char *name)
{
	return faccessat(state_dir_fd(state), name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

START_TEST(files_come_and_go)
{
	setup();
	ck_assert_str_eq(each(0), "");
	put("2.json", "b");
	put("1.json", "a");
	put("2.json", "c");
	ck_assert_str_eq(each(0), "1.json=a 2.json=c ");
	ck_assert_int_eq(spool_remove(spool, "1.json"), 0);
	ck_assert_int_eq(spool_remove(spool, "1.json"), -ENOENT);
	ck_assert_str_eq(each(0), "2.json=c ");
	teardown();
}
END_TEST

START_TEST(names_sort_by_time)
{
	char a[SPOOL_NAME_SIZE], b[SPOOL_NAME_SIZE], c[SPOOL_NAME_SIZE];

	ck_assert_int_eq(spool_name(999, a), 0);
	ck_assert_int_eq(spool_name(1795423072492, b), 0);
	ck_assert_int_eq(spool_name(1795423072492, c), 0);
	ck_assert_int_lt(strcmp(a, b), 0);
	ck_assert_str_ne(b, c);
}
END_TEST

START_TEST(what_was_never_finished)
{
	setup();
	put("1.json", "a");
	state_write("pending/2.json.new", "half");
	spool_free(spool);
	ck_assert_int_eq(spool_open(state, &spool, NULL), 0);
	ck_assert(!is_there("pending/2.json.new"));
	ck_assert_str_eq(each(0), "1.json=a ");
	teardown();
}
END_TEST

START_TEST(junk_is_set_aside)
{
	_cleanup_(freep) char *large = calloc(1, SPOOL_FILE_MAX + 2);

	setup();
	memset(large, ' ', SPOOL_FILE_MAX + 1);
	put("1.json", "junk");
	put("2.json", "good");
	state_write("pending/3.json", large);
	ck_assert_int_eq(mkdirat(state_dir_fd(state), "pending/4.json", 0700), 0);
	ck_assert_int_eq(symlinkat("nowhere", state_dir_fd(state), "pending/5.json"), 0);
	state_write("pending/README", "not one of ours");
	ck_assert_str_eq(each(0), "1.json=junk 2.json=good ");
	for (int i = 1; i <= 5; i++) {
		char name[32];

		snprintf(name, sizeof(name), "pending/%d.json.bad", i);
		ck_assert(is_there(name) == (i != 2));
	}
	ck_assert(is_there("pending/README"));
	ck_assert_str_eq(each(0), "2.json=good ");
	teardown();
}
END_TEST

START_TEST(a_callback_ends_it)
{
	setup();
	put("1.json", "end");
	put("2.json", "x");
	ck_assert_str_eq(each(3), "1.json=end ");
	ck_assert(is_there("pending/1.json"));
	teardown();
}
END_TEST

START_TEST(where_it_cannot_be)
{
	struct spool *none = NULL;
	struct err e = {};

	state_make();
	state_write("pending", "");
	ck_assert_int_eq(spool_open(state, &none, &e), -ENOTDIR);
	ck_assert_msg(strstr(e.text, "/pending cannot be used: Not a directory"), "%s", e.text);
	state_remove();
}
END_TEST

/* What fails leaves what was. */
START_TEST(a_name_that_cannot_be_written)
{
	_cleanup_str_ struct str text = {};

	setup();
	put("1.json", "a");
	ck_assert_int_eq(mkdirat(state_dir_fd(state), "pending/1.json.new", 0700), 0);
	ck_assert_int_eq(str_append_text(&text, "b"), 0);
	ck_assert_int_eq(spool_write(spool, "1.json", &text), -EISDIR);
	ck_assert_str_eq(each(0), "1.json=a ");
	teardown();
}
END_TEST

UNIT(spool, files_come_and_go, names_sort_by_time, what_was_never_finished, junk_is_set_aside,
    a_callback_ends_it, where_it_cannot_be, a_name_that_cannot_be_written);

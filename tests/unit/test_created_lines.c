#include "unit.h"

#include <errno.h>

#include "created_lines.h"
#include "log.h"
#include "state_fixture.h"

static struct str names;

static int keep(const struct creation_record *record, const char *line, void *userdata)
{
	ck_assert_ptr_nonnull(strstr(line, record->repository));
	ck_assert_int_eq(str_appendf(&names, "%s ", record->repository), 0);
	return strcmp(record->repository, "stop") == 0 ? 7 : 0;
}

static int read_all(bool *ret_torn)
{
	log_setup(LOG_LEVEL_ERROR, LOG_FORMAT_TEXT);
	str_clear(&names);
	return created_lines_read(state_path, keep, NULL, ret_torn);
}

#define LINE(name) \
	"{\"registry\":\"r\",\"repository\":\"" name "\",\"time\":\"2026-01-02T03:04:05Z\"}"

START_TEST(good_ones)
{
	bool torn = true;

	state_make();
	ck_assert_int_eq(read_all(&torn), 0); /* no file */
	ck_assert(!torn);
	state_write(CREATED_FILE, "");
	ck_assert_int_eq(read_all(&torn), 0);
	state_write(CREATED_FILE, LINE("a") "\n" LINE("b") "\n");
	ck_assert_int_eq(read_all(&torn), 0);
	ck_assert_str_eq(str_text(&names), "a b ");
	ck_assert(!torn);
	state_remove();
}
END_TEST

START_TEST(junk_between_them)
{
	bool torn = true;

	state_make();
	state_write(CREATED_FILE, "junk\n" LINE("a") "\n\n{\"registry\":\n" LINE(
				      "b") "\r\n"
					   "\xff\xfe\n" LINE("c") "\n{\"registry\":\"r\",\"repo");
	ck_assert_int_eq(read_all(&torn), 0);
	ck_assert_str_eq(str_text(&names), "a b c ");
	ck_assert(torn);
	state_remove();
}
END_TEST

START_TEST(a_line_that_only_lacks_its_newline)
{
	bool torn = false;

	state_make();
	state_write(CREATED_FILE, LINE("a"));
	ck_assert_int_eq(read_all(&torn), 0);
	ck_assert_str_eq(str_text(&names), "a ");
	ck_assert(torn);
	state_remove();
}
END_TEST

START_TEST(octets_of_nothing)
{
	static const char text[] = "\0\0\0\n" LINE("a") "\n\0" LINE("b") "\n" LINE("c") "\n";
	char path[64];
	FILE *file;
	bool torn;

	state_make();
	snprintf(path, sizeof(path), "%s/" CREATED_FILE, state_path);
	file = fopen(path, "w");
	ck_assert_uint_eq(fwrite(text, sizeof(text) - 1, 1, file), 1);
	fclose(file);
	ck_assert_int_eq(read_all(&torn), 0);
	ck_assert_str_eq(str_text(&names), "a c ");
	state_remove();
}
END_TEST

START_TEST(a_very_long_line)
{
	_cleanup_(freep) char *text = malloc(3 * CREATED_LINE_MAX);
	bool torn;

	state_make();
	memset(text, 'x', 2 * CREATED_LINE_MAX);
	strcpy(text + 2 * CREATED_LINE_MAX, "\n" LINE("a") "\n");
	state_write(CREATED_FILE, text);
	ck_assert_int_eq(read_all(&torn), 0);
	ck_assert_str_eq(str_text(&names), "a ");
	state_remove();
}
END_TEST

START_TEST(a_callback_ends_it)
{
	bool torn;

	state_make();
	state_write(CREATED_FILE, LINE("a") "\n" LINE("stop") "\n" LINE("b") "\n");
	ck_assert_int_eq(read_all(&torn), 7);
	ck_assert_str_eq(str_text(&names), "a stop ");
	state_remove();
}
END_TEST

START_TEST(what_is_no_file)
{
	bool torn;

	state_make();
	ck_assert_int_eq(mkdirat(state_dir_fd(state), CREATED_FILE, 0700), 0);
	ck_assert_int_lt(read_all(&torn), 0);
	state_remove();
}
END_TEST

UNIT(created_lines, good_ones, junk_between_them, a_line_that_only_lacks_its_newline,
    octets_of_nothing, a_very_long_line, a_callback_ends_it, what_is_no_file);

#include "unit.h"

#include <errno.h>
#include <pthread.h>

#include "created.h"
#include "created_lines.h"
#include "log.h"
#include "state_fixture.h"

static const int64_t NOW_MS = 1795423072492;
enum { MINUTE_MS = 60 * 1000, THREADS = 16, EACH = 20 };

static struct created *created;

static void open_created(int64_t now_ms)
{
	log_setup(LOG_LEVEL_ERROR, LOG_FORMAT_TEXT);
	ck_assert_int_eq(created_open(state, now_ms, &created, NULL), 0);
}

static void setup(void)
{
	state_make();
	open_created(NOW_MS);
}

static void teardown(void)
{
	created_free(created);
	state_remove();
}

static struct creation_record record(const char *repository, int64_t time_ms)
{
	return (struct creation_record){
	    .registry = "r", .repository = repository, .time_ms = time_ms};
}

static void create(const char *repository, int64_t time_ms)
{
	const struct creation_record made = record(repository, time_ms);

	ck_assert_int_eq(created_reserve(created, 1000, time_ms), 0);
	ck_assert_int_eq(created_note(created, &made), 0);
}

START_TEST(the_budget)
{
	setup();
	ck_assert_int_eq(created_reserve(created, 2, NOW_MS), 0);
	ck_assert_int_eq(created_reserve(created, 2, NOW_MS), 0);
	ck_assert_int_eq(created_reserve(created, 2, NOW_MS), -EDQUOT);
	created_release(created);
	create("a", NOW_MS);
	ck_assert_int_eq(created_reserve(created, 2, NOW_MS), -EDQUOT);
	ck_assert_uint_eq(created_last_hour(created, NOW_MS), 1);
	ck_assert_int_eq(created_reserve(created, 2, NOW_MS + CREATED_HOUR_MS), 0);
	ck_assert_uint_eq(created_last_hour(created, NOW_MS + CREATED_HOUR_MS), 0);
	teardown();
}
END_TEST

START_TEST(over_a_restart)
{
	setup();
	create("old", NOW_MS - 61 * MINUTE_MS);
	create("a", NOW_MS - 59 * MINUTE_MS);
	create("b", NOW_MS);
	created_free(created);
	open_created(NOW_MS);
	ck_assert_uint_eq(created_last_hour(created, NOW_MS), 2);
	ck_assert_int_eq(created_reserve(created, 2, NOW_MS), -EDQUOT);
	ck_assert_uint_eq(created_last_hour(created, NOW_MS + 2 * MINUTE_MS), 1);
	teardown();
}
END_TEST

/* A clock that was years ahead must not use the budget up until then. */
START_TEST(the_future_does_not_count)
{
	setup();
	create("a", NOW_MS + 1000L * CREATED_HOUR_MS);
	created_free(created);
	open_created(NOW_MS);
	ck_assert_uint_eq(created_last_hour(created, NOW_MS), 0);
	teardown();
}
END_TEST

START_TEST(a_torn_line_costs_only_itself)
{
	setup();
	create("a", NOW_MS);
	created_free(created);
	state_write(CREATED_FILE, "{\"registry\":\"r\",\"repos");
	open_created(NOW_MS);
	create("b", NOW_MS);
	create("c", NOW_MS);
	ck_assert_ptr_nonnull(strstr(state_read(CREATED_FILE), "\"repos\n{\"registry\":\"r\","));
	ck_assert_ptr_null(strstr(state_read(CREATED_FILE), "\n\n"));
	created_free(created);
	open_created(NOW_MS);
	ck_assert_uint_eq(created_last_hour(created, NOW_MS), 2);
	teardown();
}
END_TEST

START_TEST(knows_its_records)
{
	struct creation_record a = record("a", NOW_MS), later = record("a", NOW_MS + 1);

	setup();
	create("a", NOW_MS);
	ck_assert_int_eq(created_has(created, &a), 1);
	ck_assert_int_eq(created_has(created, &later), 0);
	ck_assert_int_eq(created_write(created, &later), 0);
	ck_assert_int_eq(created_has(created, &later), 1);
	ck_assert_uint_eq(created_last_hour(created, NOW_MS), 1);
	teardown();
}
END_TEST

START_TEST(the_newest_first)
{
	_cleanup_str_ struct str array = {};
	_cleanup_(json_freep) struct json *root = NULL;
	char name[16];

	setup();
	ck_assert_int_eq(created_write_recent(created, &array), 0);
	ck_assert_str_eq(array.data, "[]");
	for (int i = 0; i < CREATED_RECENT + 5; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		create(name, NOW_MS + i);
	}
	for (int again = 0; again < 2; again++) {
		str_clear(&array);
		ck_assert_int_eq(created_write_recent(created, &array), 0);
		ck_assert_int_eq(json_parse(array.data, array.len, &root, NULL), 0);
		ck_assert_str_eq(json_string(json_get(json_at(root, 0), "repository")), "n104");
		ck_assert_str_eq(
		    json_string(json_get(json_at(root, 0), "time")), "2026-11-23T08:37:52.596Z");
		ck_assert_str_eq(
		    json_string(json_get(json_at(root, CREATED_RECENT - 1), "repository")), "n5");
		ck_assert_ptr_null(json_at(root, CREATED_RECENT));
		json_free(TAKE_PTR(root));
		created_free(created);
		open_created(NOW_MS);
	}
	teardown();
}
END_TEST

START_TEST(what_is_no_file)
{
	struct err e = {};

	state_make();
	ck_assert_int_eq(mkdirat(state_dir_fd(state), CREATED_FILE, 0700), 0);
	ck_assert_int_lt(created_open(state, NOW_MS, &created, &e), 0);
	ck_assert_msg(strstr(e.text, "created.jsonl cannot be used"), "%s", e.text);
	state_remove();
}
END_TEST

static void *note_some(void *userdata)
{
	char name[32];

	for (int i = 0; i < EACH; i++) {
		snprintf(name, sizeof(name), "%zu/%d", (size_t)userdata, i);
		create(name, NOW_MS);
	}
	return NULL;
}

static int count(const struct creation_record *record, const char *line, void *userdata)
{
	++*(int *)userdata;
	return 0;
}

START_TEST(many_threads)
{
	pthread_t threads[THREADS];
	int lines = 0;
	bool torn;

	setup();
	for (size_t i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, note_some, (void *)i);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	ck_assert_uint_eq(created_last_hour(created, NOW_MS), THREADS * EACH);
	ck_assert_int_eq(created_lines_read(state_path, count, &lines, &torn), 0);
	ck_assert_int_eq(lines, THREADS * EACH);
	teardown();
}
END_TEST

UNIT(created, the_budget, over_a_restart, the_future_does_not_count, a_torn_line_costs_only_itself,
    knows_its_records, the_newest_first, what_is_no_file, many_threads);

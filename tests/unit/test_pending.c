#include "unit.h"

#include <errno.h>

#include "pending_fixture.h"

START_TEST(all_at_once)
{
	struct pending_entry *entry;

	setup();
	entry = begin("a");
	ck_assert_uint_eq(files(), 1);
	ck_assert_uint_eq(pending_len(pending), 0);
	pending_fulfil(pending, entry, clock_mono_ms() + 1000);
	ck_assert_uint_eq(played_calls(&played_describe), 0);
	ck_assert_uint_eq(played_calls(&played_lifecycle), 1);
	ck_assert_str_eq(played_lifecycle.text, "{\"life\":1}");
	ck_assert_str_eq(played_policy.text, "{\"policy\":1}");
	ck_assert_uint_eq(files(), 0);
	ck_assert_uint_eq(recorded(), 1);
	ck_assert_ptr_nonnull(strstr(state_read(CREATED_FILE),
	    "\"repository\":\"a\",\"rule\":\"cache\",\"user\":\"alice\","));
	ck_assert_ptr_nonnull(strstr(state_read(CREATED_FILE), ",\"settings\":{\"given\":1}}\n"));
	ck_assert_uint_eq(created_last_hour(created, clock_wall_ms()), 1);
	teardown();
}
END_TEST

START_TEST(nothing_created)
{
	struct pending_entry *entry;

	setup();
	entry = begin("a");
	pending_drop(pending, entry);
	ck_assert_uint_eq(files(), 0);
	ck_assert_uint_eq(recorded(), 0);
	/* The reservation is back. */
	ck_assert_int_eq(created_reserve(created, 1, clock_wall_ms()), 0);
	teardown();
}
END_TEST

START_TEST(ecr_does_not_know_it_yet)
{
	setup();
	PLAY(played_lifecycle, ECR_NOT_FOUND, ECR_NOT_FOUND, ECR_DONE);
	pending_fulfil(pending, begin("a"), clock_mono_ms() + 2000);
	ck_assert_uint_eq(played_calls(&played_lifecycle), 3);
	ck_assert_uint_eq(played_calls(&played_policy), 1);
	ck_assert_uint_eq(files(), 0);
	teardown();
}
END_TEST

START_TEST(the_rest_goes_on_behind)
{
	setup();
	PLAY(played_lifecycle, ECR_TRANSIENT, ECR_TRANSIENT, ECR_TRANSIENT, ECR_DONE);
	pending_fulfil(pending, begin("a"), clock_mono_ms() + 10);
	ck_assert_uint_eq(played_calls(&played_lifecycle), 1);
	ck_assert_uint_eq(pending_len(pending), 1);
	ck_assert_uint_eq(files(), 1);
	WAIT_FOR(files() == 0);
	ck_assert_uint_eq(played_calls(&played_lifecycle), 4);
	ck_assert_uint_eq(played_calls(&played_policy), 1);
	ck_assert_uint_eq(recorded(), 1);
	teardown();
}
END_TEST

START_TEST(refused_until_somebody_asks)
{
	_cleanup_str_ struct str array = {};

	setup();
	PLAY(played_lifecycle, ECR_ACCESS_DENIED, ECR_ACCESS_DENIED, ECR_DONE);
	pending_fulfil(pending, begin("a"), clock_mono_ms() + 2000);
	ck_assert_uint_eq(played_calls(&played_policy), 1);
	usleep(300 * 1000);
	ck_assert_uint_eq(played_calls(&played_lifecycle), 1);
	ck_assert_int_eq(pending_write(pending, &array), 0);
	ck_assert_str_eq(array.data,
	    "[{\"registry\":\"r\",\"repository\":\"a\",\"what\":\"lifecycle policy\","
	    "\"attempts\":1,\"last_error\":\"played\"}]");
	pending_retry(pending);
	WAIT_FOR(played_calls(&played_lifecycle) == 2);
	pending_retry(pending);
	WAIT_FOR(files() == 0);
	ck_assert_uint_eq(played_calls(&played_lifecycle), 3);
	teardown();
}
END_TEST

/* Ends as SIGKILL does: the files stay. */
static void crash(void)
{
	pending_end();
	pending_start();
}

START_TEST(after_a_crash_ours)
{
	setup();
	begin("a");
	crash();
	WAIT_FOR(files() == 0);
	ck_assert_uint_eq(played_calls(&played_describe), 1);
	ck_assert_uint_eq(played_calls(&played_lifecycle), 1);
	ck_assert_uint_eq(played_calls(&played_policy), 1);
	ck_assert_uint_eq(recorded(), 1);
	ck_assert_uint_eq(created_last_hour(created, clock_wall_ms()), 1);
	teardown();
}
END_TEST

START_TEST(after_a_crash_somebody_elses)
{
	setup();
	begin("a");
	played_created_at = AWS_NOW_S - 10;
	crash();
	WAIT_FOR(files() == 0);
	ck_assert_uint_eq(played_calls(&played_lifecycle), 0);
	ck_assert_uint_eq(played_calls(&played_policy), 0);
	ck_assert_uint_eq(recorded(), 0);
	ck_assert_int_eq(created_reserve(created, 1, clock_wall_ms()), 0);
	teardown();
}
END_TEST

START_TEST(after_a_crash_partly_done)
{
	setup();
	PLAY(played_lifecycle, ECR_ACCESS_DENIED, ECR_DONE);
	pending_fulfil(pending, begin("a"), clock_mono_ms() + 1000);
	crash();
	WAIT_FOR(files() == 0);
	ck_assert_uint_eq(played_calls(&played_describe), 1);
	ck_assert_uint_eq(played_calls(&played_lifecycle), 2);
	ck_assert_uint_eq(played_calls(&played_policy), 1);
	ck_assert_uint_eq(recorded(), 1);
	ck_assert_uint_eq(created_last_hour(created, clock_wall_ms()), 1);
	teardown();
}
END_TEST

/* Two tries of one name, both left: it is recorded once. */
START_TEST(after_a_crash_twice_the_same)
{
	setup();
	begin("a");
	begin("a");
	crash();
	WAIT_FOR(files() == 0);
	ck_assert_uint_eq(recorded(), 1);
	ck_assert_uint_eq(played_calls(&played_lifecycle), 1);
	ck_assert_int_eq(created_reserve(created, 2, clock_wall_ms()), 0);
	ck_assert_int_eq(created_reserve(created, 2, clock_wall_ms()), -EDQUOT);
	teardown();
}
END_TEST

START_TEST(a_new_creation_supersedes)
{
	setup();
	PLAY(played_describe, ECR_NOT_FOUND);
	pending_unclear(pending, begin("a"));
	WAIT_FOR(played_calls(&played_describe) == 1);
	ck_assert_uint_eq(pending_len(pending), 4);
	pending_fulfil(pending, begin("a"), clock_mono_ms() + 1000);
	WAIT_FOR(files() == 0);
	ck_assert_uint_eq(recorded(), 1);
	teardown();
}
END_TEST

START_TEST(not_known_whether)
{
	setup();
	PLAY(played_describe, ECR_TRANSIENT, ECR_NOT_FOUND, ECR_DONE);
	pending_unclear(pending, begin("a"));
	WAIT_FOR(files() == 0);
	ck_assert_uint_eq(played_calls(&played_describe), 3);
	ck_assert_uint_eq(played_calls(&played_policy), 1);
	ck_assert_uint_eq(recorded(), 1);
	teardown();
}
END_TEST

START_TEST(whose_it_is)
{
	struct pending_entry *entry;
	struct err e = {};

	setup();
	entry = begin("a");
	ck_assert_int_eq(pending_is_ours(pending, entry, 1000, &e), 1);
	played_created_at = AWS_NOW_S - 10;
	ck_assert_int_eq(pending_is_ours(pending, entry, 1000, &e), 0);
	PLAY(played_describe, ECR_NOT_FOUND, ECR_ACCESS_DENIED);
	ck_assert_int_eq(pending_is_ours(pending, entry, 1000, &e), -EAGAIN);
	ck_assert_int_eq(pending_is_ours(pending, entry, 1000, &e), -EAGAIN);
	ck_assert_str_eq(e.text, "played");
	pending_drop(pending, entry);
	teardown();
}
END_TEST

START_TEST(not_configured_any_more)
{
	_cleanup_str_ struct str array = {};

	setup();
	begin("a");
	configured = false;
	crash();
	WAIT_FOR((str_clear(&array), pending_write(pending, &array),
	    strstr(str_text(&array), "the registry r is not configured any more")));
	ck_assert_uint_eq(played_calls(&played_describe), 0);
	configured = true;
	pending_retry(pending);
	WAIT_FOR(files() == 0);
	ck_assert_uint_eq(recorded(), 1);
	teardown();
}
END_TEST

START_TEST(no_place_to_note_it)
{
	const struct owed owed = {.registry = &registry, .repository = "a"};
	struct pending_entry *entry = NULL;
	struct err e = {};
	char command[64];

	setup();
	snprintf(command, sizeof(command), "rmdir %s/pending", state_path);
	ck_assert_int_eq(system(command), 0);
	ck_assert_int_eq(created_reserve(created, 1, clock_wall_ms()), 0);
	ck_assert_int_eq(pending_begin(pending, &owed, &entry, &e), -ENOENT);
	ck_assert_msg(strstr(e.text, "cannot note it in"), "%s", e.text);
	ck_assert_ptr_null(entry);
	created_release(created);
	teardown();
}
END_TEST

START_TEST(junk_is_no_obstacle)
{
	setup();
	state_write("pending/1.json", "junk");
	state_write("pending/2.json", "");
	state_write("pending/a-name-that-is-much-longer-than-any-of-ours.json", "{}");
	begin("a");
	crash();
	WAIT_FOR(recorded() == 1);
	WAIT_FOR(files() == 3);
	ck_assert_ptr_nonnull(state_read("pending/1.json.bad"));
	teardown();
}
END_TEST

UNIT(pending, all_at_once, nothing_created, ecr_does_not_know_it_yet, the_rest_goes_on_behind,
    refused_until_somebody_asks, after_a_crash_ours, after_a_crash_somebody_elses,
    after_a_crash_partly_done, after_a_crash_twice_the_same, a_new_creation_supersedes,
    not_known_whether, whose_it_is, not_configured_any_more, no_place_to_note_it,
    junk_is_no_obstacle);

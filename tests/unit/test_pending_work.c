#include "unit.h"

#include <errno.h>

#include "pending_fixture.h"
#include "pending_work.h"

enum { THREADS = 16, EACH = 10 };

/* Entries without a file, as many as there may be but for `less`. */
static void crowd(size_t less, int64_t due_ms)
{
	pthread_mutex_lock(&pending->lock);
	while (pending->len < PENDING_MAX - less) {
		char name[16];
		struct spooled what = {.registry = strdup("r"), .owed[FOLLOW_UP_LIFECYCLE] = true};
		struct pending_entry *entry;

		snprintf(name, sizeof(name), "n%zu", pending->len);
		what.repository = strdup(name);
		entry = pending_entry_new(&what, &registry, 0);
		entry->counted = true;
		entry->due_ms = due_ms;
		pending_add(pending, entry);
	}
	pthread_mutex_unlock(&pending->lock);
}

START_TEST(full_of_refused_ones)
{
	_cleanup_str_ struct str array = {};

	setup();
	crowd(0, INT64_MAX);
	PLAY(played_lifecycle, ECR_ACCESS_DENIED);
	pending_fulfil(pending, begin("one-more"), clock_mono_ms() + 1000);
	ck_assert_uint_eq(pending_len(pending), PENDING_MAX);
	ck_assert_int_eq(pending_write(pending, &array), 0);
	ck_assert_ptr_null(strstr(array.data, "\"n0\""));
	ck_assert_ptr_nonnull(strstr(array.data, "\"n1\""));
	ck_assert_ptr_nonnull(strstr(array.data, "\"one-more\""));
	teardown();
}
END_TEST

START_TEST(full_of_others)
{
	const struct owed owed = {.registry = &registry, .repository = "one-more"};
	struct pending_entry *entry = NULL;
	struct err e = {};

	setup();
	crowd(1, clock_mono_ms() + 1000 * 1000);
	begin("the-last");
	ck_assert_int_eq(pending_begin(pending, &owed, &entry, &e), -ENOSPC);
	ck_assert_msg(strstr(e.text, "1000 creations wait"), "%s", e.text);
	ck_assert_uint_eq(files(), 1);
	teardown();
}
END_TEST

static void *push(void *userdata)
{
	char name[32];

	for (int i = 0; i < EACH; i++) {
		struct pending_entry *entry;

		snprintf(name, sizeof(name), "%zu/%d", (size_t)userdata, i % 5);
		entry = begin(name);
		if (i % 3 == 0)
			pending_drop(pending, entry);
		else if (i % 3 == 1)
			pending_unclear(pending, entry);
		else
			pending_fulfil(pending, entry, clock_mono_ms() + 20);
		pending_retry(pending);
	}
	return NULL;
}

static void *look(void *userdata)
{
	while (!__atomic_load_n((bool *)userdata, __ATOMIC_SEQ_CST)) {
		_cleanup_str_ struct str array = {};

		ck_assert_int_eq(pending_write(pending, &array), 0);
		ck_assert_int_eq(created_write_recent(created, &array), 0);
		usleep(1000);
	}
	return NULL;
}

START_TEST(many_at_once)
{
	pthread_t threads[THREADS], looking;
	bool enough = false;

	setup();
	played_call_ms = 1;
	PLAY(played_lifecycle, ECR_TRANSIENT, ECR_NOT_FOUND, ECR_ACCESS_DENIED, ECR_TRANSIENT,
	    ECR_DONE);
	pthread_create(&looking, NULL, look, &enough);
	for (size_t i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, push, (void *)i);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	WAIT_FOR(files() == 0);
	__atomic_store_n(&enough, true, __ATOMIC_SEQ_CST);
	pthread_join(looking, NULL);
	ck_assert_uint_eq(pending_len(pending), 0);
	ck_assert_int_eq(created_reserve(created, created_last_hour(created, clock_wall_ms()) + 1,
			     clock_wall_ms()),
	    0);
	teardown();
}
END_TEST

START_TEST(ends_at_once)
{
	int64_t start_ms;

	setup();
	PLAY(played_describe, ECR_TRANSIENT);
	pending_unclear(pending, begin("a"));
	WAIT_FOR(played_calls(&played_describe) >= 3);
	start_ms = clock_mono_ms();
	pending_stop(pending);
	teardown();
	ck_assert_int_lt(clock_mono_ms() - start_ms, 1000);
}
END_TEST

UNIT(pending_work, full_of_refused_ones, full_of_others, many_at_once, ends_at_once);

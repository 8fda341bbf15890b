#include "unit.h"

#include <string.h>

#include "log.h"
#include "pending_entry.h"

enum { START_MS = 5000 };

static struct pending_entry *entry;
static const struct err why = {.text = "played"};

static void setup(void)
{
	struct spooled what = {
	    .registry = strdup("r"),
	    .repository = strdup("a"),
	    .owed = {true, true, true, true},
	};

	log_setup(LOG_LEVEL_ERROR + 1, LOG_FORMAT_TEXT);
	entry = pending_entry_new(&what, NULL, START_MS);
	ck_assert_ptr_nonnull(entry);
	ck_assert_ptr_null(what.registry);
}

static void take(enum follow_up step, enum follow_up_result result, int64_t after_ms)
{
	pending_entry_take(entry, step, result, &why, START_MS + after_ms);
}

static unsigned wanted(void)
{
	unsigned set = 0;

	for (enum follow_up step = 0; step < FOLLOW_UPS; step++)
		set |= (unsigned)pending_entry_wants(entry, step) << step;
	return set;
}

START_TEST(in_order)
{
	setup();
	ck_assert_uint_eq(wanted(), 1 << FOLLOW_UP_ASK);
	take(FOLLOW_UP_ASK, FOLLOW_UP_DONE, 0);
	ck_assert_uint_eq(
	    wanted(), 1 << FOLLOW_UP_RECORD | 1 << FOLLOW_UP_LIFECYCLE | 1 << FOLLOW_UP_POLICY);
	take(FOLLOW_UP_RECORD, FOLLOW_UP_DONE, 0);
	take(FOLLOW_UP_LIFECYCLE, FOLLOW_UP_REFUSED, 0);
	take(FOLLOW_UP_POLICY, FOLLOW_UP_AGAIN, 0);
	ck_assert_uint_eq(wanted(), 1 << FOLLOW_UP_POLICY);
	take(FOLLOW_UP_POLICY, FOLLOW_UP_DONE, 0);
	pending_entry_schedule(entry, START_MS);
	ck_assert(!entry->over);
	ck_assert_int_eq(entry->due_ms, INT64_MAX);
	pending_entry_retry(entry, START_MS + 1);
	ck_assert_int_eq(entry->due_ms, START_MS + 1);
	ck_assert_uint_eq(wanted(), 1 << FOLLOW_UP_LIFECYCLE);
	take(FOLLOW_UP_LIFECYCLE, FOLLOW_UP_DONE, 0);
	pending_entry_schedule(entry, START_MS);
	ck_assert(entry->over);
	pending_entry_free(entry);
}
END_TEST

START_TEST(a_retry_during_a_call)
{
	setup();
	entry->held = true;
	pending_entry_retry(entry, START_MS);
	take(FOLLOW_UP_ASK, FOLLOW_UP_REFUSED, 0);
	pending_entry_schedule(entry, START_MS + 1);
	ck_assert_int_eq(entry->due_ms, START_MS + 1);
	ck_assert_uint_eq(wanted(), 1 << FOLLOW_UP_ASK);
	take(FOLLOW_UP_ASK, FOLLOW_UP_REFUSED, 0);
	pending_entry_schedule(entry, START_MS + 1);
	ck_assert_int_eq(entry->due_ms, INT64_MAX);
	pending_entry_free(entry);
}
END_TEST

START_TEST(a_retry_looks_for_the_registry_anew)
{
	static const struct registry registry;

	setup();
	entry->registry = &registry;
	entry->held = true;
	pending_entry_retry(entry, START_MS);
	ck_assert_ptr_eq(entry->registry, &registry);
	pending_entry_schedule(entry, START_MS);
	ck_assert_ptr_null(entry->registry);
	entry->registry = &registry;
	entry->held = false;
	pending_entry_retry(entry, START_MS);
	ck_assert_ptr_null(entry->registry);
	pending_entry_free(entry);
}
END_TEST

START_TEST(pauses_double)
{
	int64_t pause_ms = PENDING_PAUSE_FIRST_MS;

	setup();
	for (int i = 0; i < 100; i++) {
		take(FOLLOW_UP_ASK, FOLLOW_UP_AGAIN, 0);
		pending_entry_schedule(entry, START_MS);
		ck_assert_int_eq(entry->due_ms, START_MS + pause_ms);
		pause_ms =
		    pause_ms * 2 < PENDING_PAUSE_MAX_MS ? pause_ms * 2 : PENDING_PAUSE_MAX_MS;
	}
	ck_assert_int_eq(pause_ms, 60000);
	ck_assert_uint_eq(entry->steps[FOLLOW_UP_ASK].attempts, 100);
	pending_entry_free(entry);
}
END_TEST

START_TEST(never_there)
{
	setup();
	take(FOLLOW_UP_ASK, FOLLOW_UP_MISSING, PENDING_SETTLED_MS - 1);
	ck_assert(!entry->over);
	take(FOLLOW_UP_ASK, FOLLOW_UP_MISSING, PENDING_SETTLED_MS);
	ck_assert(entry->over);
	ck_assert_uint_eq(wanted(), 0);
	pending_entry_free(entry);
}
END_TEST

START_TEST(gone_by_now)
{
	setup();
	take(FOLLOW_UP_ASK, FOLLOW_UP_DONE, 0);
	take(FOLLOW_UP_LIFECYCLE, FOLLOW_UP_MISSING, PENDING_SETTLED_MS - 1);
	ck_assert(!pending_entry_wants(entry, FOLLOW_UP_ASK));
	ck_assert(pending_entry_wants(entry, FOLLOW_UP_LIFECYCLE));
	take(FOLLOW_UP_LIFECYCLE, FOLLOW_UP_MISSING, PENDING_SETTLED_MS);
	ck_assert_uint_eq(wanted(), 1 << FOLLOW_UP_ASK);
	take(FOLLOW_UP_ASK, FOLLOW_UP_MISSING, PENDING_SETTLED_MS);
	ck_assert(entry->over);
	pending_entry_free(entry);
}
END_TEST

START_TEST(somebody_elses)
{
	setup();
	take(FOLLOW_UP_ASK, FOLLOW_UP_FOREIGN, 0);
	ck_assert(entry->over);
	pending_entry_free(entry);
}
END_TEST

START_TEST(what_is_shown)
{
	_cleanup_str_ struct str array = {};

	setup();
	ck_assert_int_eq(str_append_text(&array, "["), 0);
	entry->creating = true;
	ck_assert_uint_eq(pending_entry_len(entry), 0);
	ck_assert_int_eq(pending_entry_write(entry, &array), 0);
	ck_assert_str_eq(array.data, "[");
	entry->creating = false;
	entry->what.owed[FOLLOW_UP_ASK] = entry->what.owed[FOLLOW_UP_RECORD] = false;
	take(FOLLOW_UP_POLICY, FOLLOW_UP_REFUSED, 0);
	ck_assert_uint_eq(pending_entry_len(entry), 2);
	ck_assert_int_eq(pending_entry_write(entry, &array), 0);
	ck_assert_str_eq(array.data,
	    "[{\"registry\":\"r\",\"repository\":\"a\",\"what\":\"lifecycle policy\","
	    "\"attempts\":0,\"last_error\":null},"
	    "{\"registry\":\"r\",\"repository\":\"a\",\"what\":\"repository policy\","
	    "\"attempts\":1,\"last_error\":\"played\"}");
	pending_entry_free(entry);
}
END_TEST

UNIT(pending_entry, in_order, a_retry_during_a_call, a_retry_looks_for_the_registry_anew,
    pauses_double, never_there, gone_by_now, somebody_elses, what_is_shown);

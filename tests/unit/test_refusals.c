#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "json.h"
#include "refusals.h"

static const int64_t NOW_MS = 1795423072492;
static struct refusals *refusals;

static void note(const char *registry, const char *repository, int64_t time_ms, const char *message)
{
	struct oci_error error = {};
	const struct refused refused = {
	    .registry = registry,
	    .repository = repository,
	    .rule = "no-prod",
	    .remedy = "ask \"them\"",
	    .time_ms = time_ms,
	    .error = &error,
	};

	oci_error_set(&error, 403, "DENIED", "%s", message);
	refusals_note(refusals, &refused);
}

static bool finds(const char *registry, const char *repository, int64_t now_ms, const char *message)
{
	struct oci_error error = {};

	if (!refusals_find(refusals, registry, repository, now_ms, &error))
		return false;
	ck_assert_uint_eq(error.status, 403);
	ck_assert_str_eq(error.code, "DENIED");
	ck_assert_str_eq(error.message, message);
	return true;
}

START_TEST(remembers_for_a_minute)
{
	ck_assert_int_eq(refusals_new(&refusals), 0);
	ck_assert(!finds("r", "a", NOW_MS, ""));
	note("r", "a", NOW_MS, "is denied: 100%s");
	ck_assert(finds("r", "a", NOW_MS, "is denied: 100%s"));
	ck_assert(finds("r", "a", NOW_MS + REFUSAL_MEMORY_MS - 1, "is denied: 100%s"));
	ck_assert(!finds("r", "a", NOW_MS + REFUSAL_MEMORY_MS, ""));
	/* The clock was set back. */
	ck_assert(!finds("r", "a", NOW_MS - REFUSAL_MEMORY_MS, ""));
	ck_assert(!finds("q", "a", NOW_MS, ""));
	ck_assert(!finds("r", "b", NOW_MS, ""));
	note("r", "a", NOW_MS + 1, "newer");
	ck_assert(finds("r", "a", NOW_MS + 1, "newer"));
	refusals_free(refusals);
}
END_TEST

START_TEST(forgets_but_shows)
{
	_cleanup_str_ struct str array = {};

	ck_assert_int_eq(refusals_new(&refusals), 0);
	note("r", "a", NOW_MS, "no");
	refusals_forget(refusals);
	ck_assert(!finds("r", "a", NOW_MS, ""));
	ck_assert_int_eq(refusals_write(refusals, &array), 0);
	ck_assert_str_eq(array.data,
	    "[{\"registry\":\"r\",\"repository\":\"a\",\"reason\":\"no\",\"rule\":\"no-prod\","
	    "\"time\":\"2026-11-23T08:37:52.492Z\",\"remedy\":\"ask \\\"them\\\"\"}]");
	note("r", "a", NOW_MS, "again");
	ck_assert(finds("r", "a", NOW_MS, "again"));
	refusals_free(refusals);
}
END_TEST

START_TEST(what_passes_is_only_shown)
{
	_cleanup_str_ struct str array = {};
	struct oci_error error = {};
	const struct refused refused = {
	    .repository = "a.test/app", .passes = true, .time_ms = NOW_MS, .error = &error};

	ck_assert_int_eq(refusals_new(&refusals), 0);
	oci_error_set(&error, 504, "UNAVAILABLE", "later");
	refusals_note(refusals, &refused);
	refusals_note(refusals, &refused);
	ck_assert(!finds("r", "a.test/app", NOW_MS, ""));
	ck_assert_int_eq(refusals_write(refusals, &array), 0);
	ck_assert_str_eq(array.data,
	    "[{\"registry\":null,\"repository\":\"a.test/app\",\"reason\":\"later\","
	    "\"rule\":null,\"time\":\"2026-11-23T08:37:52.492Z\",\"remedy\":null}]");
	refusals_free(refusals);
}
END_TEST

START_TEST(keeps_the_newest)
{
	_cleanup_(json_freep) struct json *root = NULL;
	_cleanup_str_ struct str array = {};
	char name[16];

	ck_assert_int_eq(refusals_new(&refusals), 0);
	for (int i = 0; i < REFUSALS_MAX + 10; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		note("r", name, NOW_MS, "no");
	}
	note("r", "n500", NOW_MS, "again");
	ck_assert(!finds("r", "n9", NOW_MS, ""));
	ck_assert(finds("r", "n10", NOW_MS, "no"));
	ck_assert_int_eq(refusals_write(refusals, &array), 0);
	ck_assert_int_eq(json_parse(array.data, array.len, &root, NULL), 0);
	ck_assert_str_eq(json_string(json_get(json_at(root, 0), "repository")), "n500");
	ck_assert_str_eq(json_string(json_get(json_at(root, 1), "repository")), "n1033");
	ck_assert_ptr_nonnull(json_at(root, REFUSALS_MAX - 1));
	ck_assert_ptr_null(json_at(root, REFUSALS_MAX));
	refusals_free(refusals);
}
END_TEST

UNIT(refusals, remembers_for_a_minute, forgets_but_shows, what_passes_is_only_shown,
    keeps_the_newest);

#include "unit.h"

#include <string.h>

#include "history.h"
#include "json.h"

enum { START_MS = 5000 };
/* 2026-01-02T03:04:05Z */
#define START_TIME_MS 1767323045000

static struct history history;
static struct history_totals totals;

static void setup(void)
{
	totals = (struct history_totals){};
	history_init(&history, START_MS);
}

static void take(int64_t after_ms)
{
	history_take(&history, &totals, START_MS + after_ms, START_TIME_MS + after_ms);
}

static void count(uint64_t requests, uint64_t errors, uint64_t bytes_in, uint64_t bytes_out)
{
	/* The class of 5 ms. */
	totals.latency.counts[4] += requests;
	totals.errors += errors;
	totals.bytes_in += bytes_in;
	totals.bytes_out += bytes_out;
}

static struct json *written(void)
{
	_cleanup_str_ struct str text = {};
	struct json *json;

	ck_assert_int_eq(history_write(&history, &text), 0);
	ck_assert_int_eq(json_parse(text.data, text.len, &json, NULL), 0);
	return json;
}

static const struct json *member(const struct json *json, size_t index, const char *name)
{
	return json_get(json_at(json_get(json, "samples"), index), name);
}

static int64_t number(const struct json *json, size_t index, const char *name)
{
	return (int64_t)json_number(member(json, index, name), -1);
}

static enum json_kind kind(const struct json *json, size_t index, const char *name)
{
	return json_kind(member(json, index, name));
}

START_TEST(begins_empty)
{
	_cleanup_str_ struct str text = {};

	setup();
	take(9999);
	ck_assert_int_eq(history_write(&history, &text), 0);
	ck_assert_str_eq(text.data, "{\"step_s\":10,\"samples\":[]}");
	ck_assert_int_eq(history_left_ms(&history, START_MS), 10000);
	ck_assert_int_eq(history_left_ms(&history, START_MS + 9999), 1);
	ck_assert_int_eq(history_left_ms(&history, START_MS + 12000), 0);
	history_finish(&history);
}
END_TEST

START_TEST(a_sample_is_what_its_step_brought)
{
	_cleanup_str_ struct str text = {};

	setup();
	count(2, 1, 300, 4000);
	take(10000);
	take(10001);
	count(1, 0, 5, 6);
	take(20500);
	ck_assert_int_eq(history_write(&history, &text), 0);
	ck_assert_str_eq(text.data,
	    "{\"step_s\":10,\"samples\":[{\"time\":\"2026-01-02T03:04:05.000Z\",\"requests\":2,"
	    "\"errors\":1,\"bytes_in\":300,\"bytes_out\":4000,\"p50_ms\":4.5,\"p95_ms\":5.0},"
	    "{\"time\":\"2026-01-02T03:04:15.000Z\",\"requests\":1,\"errors\":0,\"bytes_in\":5,"
	    "\"bytes_out\":6,\"p50_ms\":4.5,\"p95_ms\":5.0}]}");
	history_finish(&history);
}
END_TEST

START_TEST(gaps_are_zero_and_nothing_is_lost)
{
	_cleanup_(json_freep) struct json *json = NULL;

	setup();
	count(3, 0, 30, 0);
	take(45000);
	json = written();
	ck_assert_uint_eq(json_len(json_get(json, "samples")), 4);
	for (size_t i = 0; i < 3; i++) {
		ck_assert_int_eq(number(json, i, "requests"), 0);
		ck_assert_int_eq(kind(json, i, "p50_ms"), JSON_NULL);
		ck_assert_int_eq(kind(json, i, "p95_ms"), JSON_NULL);
	}
	ck_assert_int_eq(kind(json, 3, "p95_ms"), JSON_NUMBER);
	ck_assert_int_eq(number(json, 3, "requests"), 3);
	ck_assert_int_eq(number(json, 3, "bytes_in"), 30);
	ck_assert_str_eq(json_string(json_get(json_at(json_get(json, "samples"), 3), "time")),
	    "2026-01-02T03:04:35.000Z");
	history_finish(&history);
}
END_TEST

START_TEST(only_the_last_ten_minutes_are_kept)
{
	_cleanup_(json_freep) struct json *json = NULL;

	setup();
	for (int i = 1; i <= 130; i++) {
		count((uint64_t)i, 0, 0, 0);
		take(i * 10000);
	}
	json = written();
	ck_assert_uint_eq(json_len(json_get(json, "samples")), HISTORY_SAMPLES);
	for (size_t i = 0; i < HISTORY_SAMPLES; i++)
		ck_assert_int_eq(number(json, i, "requests"), 71 + (int64_t)i);
	history_finish(&history);
}
END_TEST

START_TEST(a_long_silence_clears_it)
{
	_cleanup_(json_freep) struct json *json = NULL;

	setup();
	count(5, 0, 0, 0);
	take(10000);
	take((int64_t)365 * 86400 * 1000);
	json = written();
	ck_assert_uint_eq(json_len(json_get(json, "samples")), HISTORY_SAMPLES);
	for (size_t i = 0; i < HISTORY_SAMPLES; i++)
		ck_assert_int_eq(number(json, i, "requests"), 0);
	history_finish(&history);
}
END_TEST

UNIT(history, begins_empty, a_sample_is_what_its_step_brought, gaps_are_zero_and_nothing_is_lost,
    only_the_last_ten_minutes_are_kept, a_long_silence_clears_it);

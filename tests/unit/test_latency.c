#include "unit.h"

#include <string.h>

#include "latency.h"

static struct latency latency;
static struct latency_counts counts;

static void count(int64_t first_ms, int64_t last_ms, int64_t step_ms)
{
	memset(&latency, 0, sizeof(latency));
	for (int64_t ms = first_ms; ms <= last_ms; ms += step_ms)
		latency_count(&latency, ms);
	latency_read(&latency, &counts);
}

START_TEST(nothing_takes_no_time)
{
	count(1, 0, 1);
	ck_assert_uint_eq(latency_total(&counts), 0);
	ck_assert_double_eq(latency_percentile(&counts, 50), 0);
}
END_TEST

START_TEST(a_bound_belongs_to_its_class)
{
	count(250, 250, 1);
	ck_assert_uint_eq(latency_within(&counts, 200), 0);
	ck_assert_uint_eq(latency_within(&counts, 250), 1);
	count(251, 251, 1);
	ck_assert_uint_eq(latency_within(&counts, 250), 0);
	ck_assert_uint_eq(latency_within(&counts, 315), 1);
	count(0, 1, 1);
	ck_assert_uint_eq(latency_within(&counts, 1), 2);
	ck_assert_uint_eq(counts.sum_ms, 1);
}
END_TEST

START_TEST(the_longest_is_counted_too)
{
	count(INT64_MAX / 2, INT64_MAX / 2, 1);
	ck_assert_uint_eq(latency_total(&counts), 1);
	ck_assert_uint_eq(latency_within(&counts, 10000000), 0);
	ck_assert_double_eq(latency_percentile(&counts, 95), 10000000);
	/* Monotonic time never goes back, but a sum must not either. */
	count(-5, -5, 1);
	ck_assert_uint_eq(latency_within(&counts, 1), 1);
	ck_assert_uint_eq(counts.sum_ms, 0);
}
END_TEST

/* Evenly spread over decades that differ: the share's own place, within a tenth. */
START_TEST(percentiles_are_near_the_truth)
{
	for (int64_t step = 1; step <= 10000; step *= 10) {
		count(step, 1000 * step, step);
		ck_assert_uint_eq(latency_total(&counts), 1000);
		ck_assert_double_eq_tol(latency_percentile(&counts, 50), 500.0 * step, 50.0 * step);
		ck_assert_double_eq_tol(latency_percentile(&counts, 95), 950.0 * step, 95.0 * step);
		ck_assert_uint_eq(counts.sum_ms, 500500 * step);
	}
}
END_TEST

START_TEST(a_few_slow_ones_do_not_move_the_median)
{
	count(10, 10, 1);
	for (int i = 0; i < 98; i++)
		latency_count(&latency, 10);
	for (int i = 0; i < 7; i++)
		latency_count(&latency, 7200000);
	latency_read(&latency, &counts);
	ck_assert_double_eq_tol(latency_percentile(&counts, 50), 10, 2);
	ck_assert_double_ge(latency_percentile(&counts, 95), 6300000);
}
END_TEST

UNIT(latency, nothing_takes_no_time, a_bound_belongs_to_its_class, the_longest_is_counted_too,
    percentiles_are_near_the_truth, a_few_slow_ones_do_not_move_the_median);

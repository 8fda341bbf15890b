#include "unit.h"

#include "clock.h"

START_TEST(monotonic_never_goes_back)
{
	int64_t last = clock_mono_ms();

	for (int i = 0; i < 1000; i++) {
		int64_t now = clock_mono_ms();

		ck_assert_int_ge(now, last);
		last = now;
	}
}
END_TEST

START_TEST(microseconds_are_of_the_same_clock)
{
	int64_t before = clock_mono_ms(), us = clock_mono_us(), after = clock_mono_ms();

	ck_assert_int_ge(us / 1000, before);
	ck_assert_int_le(us / 1000, after);
}
END_TEST

START_TEST(nothing_is_left_of_a_past_deadline)
{
	ck_assert_int_eq(clock_left_ms(clock_mono_ms() - 5), 0);
	ck_assert_int_gt(clock_left_ms(clock_mono_ms() + 5000), 4000);
}
END_TEST

START_TEST(a_step_ends_with_the_whole_at_the_latest)
{
	int64_t now = clock_mono_ms();

	ck_assert_int_eq(clock_within_ms(60000, now + 5000), now + 5000);
	ck_assert_int_ge(clock_within_ms(1000, INT64_MAX), now + 1000);
	ck_assert_int_lt(clock_within_ms(1000, INT64_MAX), now + 60000);
}
END_TEST

START_TEST(wall_seconds_and_milliseconds_agree)
{
	int64_t before = clock_wall_s(), ms = clock_wall_ms(), after = clock_wall_s();

	ck_assert_int_ge(ms / 1000, before);
	ck_assert_int_le(ms / 1000, after);
}
END_TEST

UNIT(clock, microseconds_are_of_the_same_clock, monotonic_never_goes_back,
    nothing_is_left_of_a_past_deadline, a_step_ends_with_the_whole_at_the_latest,
    wall_seconds_and_milliseconds_agree);

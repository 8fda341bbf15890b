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

START_TEST(nothing_is_left_of_a_past_deadline)
{
	ck_assert_int_eq(clock_left_ms(clock_mono_ms() - 5), 0);
	ck_assert_int_gt(clock_left_ms(clock_mono_ms() + 5000), 4000);
}
END_TEST

START_TEST(wall_seconds_and_milliseconds_agree)
{
	int64_t before = clock_wall_s(), ms = clock_wall_ms(), after = clock_wall_s();

	ck_assert_int_ge(ms / 1000, before);
	ck_assert_int_le(ms / 1000, after);
}
END_TEST

UNIT(clock, monotonic_never_goes_back, nothing_is_left_of_a_past_deadline,
    wall_seconds_and_milliseconds_agree);

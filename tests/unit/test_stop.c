#include "unit.h"

#include <errno.h>
#include <pthread.h>
#include <sys/resource.h>

#include "clock.h"
#include "stop.h"

START_TEST(is_not_set_at_first)
{
	struct stop stop;

	ck_assert_int_eq(stop_init(&stop), 0);
	ck_assert(!stop_is_set(&stop));
	stop_finish(&stop);
}
END_TEST

START_TEST(stays_set_for_everyone)
{
	struct stop stop;

	ck_assert_int_eq(stop_init(&stop), 0);
	stop_now(&stop);
	stop_now(&stop);
	ck_assert(stop_is_set(&stop));
	ck_assert(stop_is_set(&stop));
	ck_assert(stop_sleep(&stop, 60000));
	stop_finish(&stop);
}
END_TEST

START_TEST(sleeps_as_long_as_told)
{
	int64_t start = clock_mono_ms();
	struct stop stop;

	ck_assert_int_eq(stop_init(&stop), 0);
	ck_assert(!stop_sleep(&stop, 30));
	ck_assert_int_ge(clock_mono_ms() - start, 30);
	ck_assert(!stop_sleep(&stop, 0));
	stop_finish(&stop);
}
END_TEST

static void *sleep_long(void *stop)
{
	return stop_sleep(stop, 60000) ? stop : NULL;
}

START_TEST(wakes_all_sleepers)
{
	pthread_t threads[8];
	struct stop stop;

	ck_assert_int_eq(stop_init(&stop), 0);
	for (int i = 0; i < 8; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, sleep_long, &stop), 0);
	stop_now(&stop);
	for (int i = 0; i < 8; i++) {
		void *woken;

		pthread_join(threads[i], &woken);
		ck_assert_ptr_eq(woken, &stop);
	}
	stop_finish(&stop);
}
END_TEST

START_TEST(says_when_descriptors_ran_out)
{
	struct rlimit before, none;
	struct stop stop;

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = (struct rlimit){.rlim_max = before.rlim_max};
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	ck_assert_int_eq(stop_init(&stop), -EMFILE);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
}
END_TEST

UNIT(stop, is_not_set_at_first, stays_set_for_everyone, sleeps_as_long_as_told, wakes_all_sleepers,
    says_when_descriptors_ran_out);

#include "unit.h"

#include <stdbool.h>

#include "clock.h"
#include "wait.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition;

START_TEST(returns_at_the_deadline)
{
	int64_t deadline_ms = clock_mono_ms() + 20;

	ck_assert_int_eq(wait_init(&condition), 0);
	pthread_mutex_lock(&lock);
	while (clock_left_ms(deadline_ms) > 0)
		wait_until(&condition, &lock, deadline_ms);
	pthread_mutex_unlock(&lock);
	ck_assert_int_ge(clock_mono_ms(), deadline_ms);
}
END_TEST

static bool said;

static void *say(void *unused)
{
	pthread_mutex_lock(&lock);
	said = true;
	pthread_cond_broadcast(&condition);
	pthread_mutex_unlock(&lock);
	return NULL;
}

START_TEST(returns_when_signalled)
{
	int64_t start_ms = clock_mono_ms();
	pthread_t thread;

	ck_assert_int_eq(wait_init(&condition), 0);
	pthread_mutex_lock(&lock);
	ck_assert_int_eq(pthread_create(&thread, NULL, say, NULL), 0);
	while (!said)
		wait_until(&condition, &lock, start_ms + 30000);
	pthread_mutex_unlock(&lock);
	pthread_join(thread, NULL);
	ck_assert_int_lt(clock_mono_ms() - start_ms, 20000);
}
END_TEST

UNIT(wait, returns_at_the_deadline, returns_when_signalled);

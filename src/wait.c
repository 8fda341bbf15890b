#include "wait.h"

#include <time.h>

#include "clock.h"

int wait_init(pthread_cond_t *condition)
{
	pthread_condattr_t attributes;
	int r;

	r = pthread_condattr_init(&attributes);
	if (r != 0)
		return -r;
#ifndef __APPLE__
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
#endif
	r = pthread_cond_init(condition, &attributes);
	pthread_condattr_destroy(&attributes);
	return -r;
}

void wait_until(pthread_cond_t *condition, pthread_mutex_t *lock, int64_t deadline_ms)
{
#ifdef __APPLE__ /* where conditions know the wall clock and spans of time */
	int64_t ms = clock_left_ms(deadline_ms);
	struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

	pthread_cond_timedwait_relative_np(condition, lock, &left);
#else
	struct timespec until = {
	    .tv_sec = deadline_ms / 1000,
	    .tv_nsec = deadline_ms % 1000 * 1000000,
	};

	pthread_cond_timedwait(condition, lock, &until);
#endif
}

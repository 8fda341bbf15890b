#include "clock.h"

#include <time.h>

static int64_t read_us(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int64_t read_ms(clockid_t id)
{
	return read_us(id) / 1000;
}

int64_t clock_mono_us(void)
{
	return read_us(CLOCK_MONOTONIC);
}

int64_t clock_mono_ms(void)
{
	return read_ms(CLOCK_MONOTONIC);
}

int64_t clock_wall_s(void)
{
	return read_ms(CLOCK_REALTIME) / 1000;
}

int64_t clock_wall_ms(void)
{
	return read_ms(CLOCK_REALTIME);
}

int64_t clock_within_ms(int64_t ms, int64_t deadline_ms)
{
	int64_t end_ms = clock_mono_ms() + ms;

	return end_ms < deadline_ms ? end_ms : deadline_ms;
}

int64_t clock_left_ms(int64_t deadline_ms)
{
	int64_t left = deadline_ms - clock_mono_ms();

	return left > 0 ? left : 0;
}

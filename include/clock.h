#pragma once
/* The only place that asks what time it is; code that a test drives takes the time as argument. */
#include <stdint.h>

/* Monotonic milliseconds: for deadlines and durations. */
int64_t clock_mono_ms(void);
/* The same clock as other programs write it down. */
int64_t clock_mono_us(void);

/* Seconds and milliseconds since the epoch (UTC): for signatures, expiries and logs. */
int64_t clock_wall_s(void);
int64_t clock_wall_ms(void);

/* A monotonic deadline: `ms` from now, or deadline_ms if that is earlier. */
int64_t clock_within_ms(int64_t ms, int64_t deadline_ms);

/* Milliseconds left until a monotonic deadline, never negative. */
int64_t clock_left_ms(int64_t deadline_ms);

#include "credential_timing.h"

bool credentials_are_valid(const struct credentials *credentials, int64_t now_s)
{
	return credentials && (!credentials->expires_s || now_s < credentials->expires_s);
}

/* A clock that was set back must not stretch a pause. */
static bool is_over(int64_t since_s, int64_t pause_s, int64_t now_s)
{
	return now_s < since_s || now_s - since_s >= pause_s;
}

enum credential_need credential_timing_need(
    const struct credential_timing *timing, const struct credentials *current, int64_t now_s)
{
	bool paused = now_s < timing->retry_s && timing->retry_s - now_s <= CREDENTIALS_RETRY_MAX_S;

	if (!credentials_are_valid(current, now_s))
		return NEED_FIRST;
	if (now_s >= timing->mandatory_s && !paused)
		return NEED_NOW;
	if (now_s >= timing->advisory_s && !paused)
		return NEED_SOON;
	return is_over(timing->looked_s, CREDENTIALS_LOOK_S, now_s) ? NEED_LOOK : NEED_NOTHING;
}

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/*
 * Where a source hands out the same ones until they are nearly over (an instance's metadata does),
 * halving what is left asks it more and more often, not at each get.
 */
void credential_timing_read(struct credential_timing *timing, int64_t expires_s, int64_t now_s)
{
	int64_t life_s = expires_s - now_s, earliest_s = now_s + CREDENTIALS_RETRY_S;

	timing->failures = 0;
	timing->retry_s = 0;
	if (!expires_s) {
		timing->advisory_s = timing->mandatory_s = INT64_MAX;
		return;
	}
	timing->advisory_s =
	    larger(expires_s - smaller(CREDENTIALS_ADVISORY_S, life_s / 2), earliest_s);
	timing->mandatory_s =
	    larger(expires_s - smaller(CREDENTIALS_MANDATORY_S, life_s / 3), earliest_s);
}

static int64_t retry_pause_s(unsigned failures)
{
	int64_t pause_s = (int64_t)CREDENTIALS_RETRY_S << (failures < 4 ? failures : 4);

	return smaller(pause_s, CREDENTIALS_RETRY_MAX_S);
}

void credential_timing_failed(struct credential_timing *timing, int64_t now_s)
{
	/* Those of a changed file are wanted even if the old ones have long to go. */
	timing->advisory_s = smaller(timing->advisory_s, now_s);
	timing->retry_s = now_s + retry_pause_s(timing->failures++);
}

int64_t credential_timing_due_s(const struct credential_timing *timing)
{
	return larger(timing->advisory_s, timing->retry_s);
}

#pragma once
/*
 * The last ten minutes as samples of ten seconds: what the page draws its charts from. A sample is
 * the difference between two readings of the counters (metrics.h), so that counting costs nothing
 * more; somebody has to take one whenever a step has ended. Thread-safe; its lock is never held by
 * whoever counts.
 */
#include <pthread.h>
#include <stdint.h>

#include "latency.h"
#include "str.h"

enum { HISTORY_STEP_S = 10, HISTORY_SAMPLES = 60 };

/* Counters since the start. */
struct history_totals {
	struct latency_counts latency; /* of requests */
	uint64_t errors;
	uint64_t bytes_in, bytes_out;
};

struct history_sample {
	int64_t time_ms; /* since the epoch, when the step began */
	uint64_t requests, errors, bytes_in, bytes_out;
	double p50_ms, p95_ms; /* of no meaning without requests */
};

struct history {
	pthread_mutex_t lock;
	struct history_sample samples[HISTORY_SAMPLES]; /* a ring */
	uint64_t taken;   /* samples ever; the next one goes to taken % HISTORY_SAMPLES */
	int64_t began_ms; /* monotonic: the step that is not yet a sample */
	struct history_totals totals; /* at that time */
};

void history_init(struct history *history, int64_t now_ms);
void history_finish(struct history *history);

/*
 * Makes samples of the steps that have ended. All that was counted since the last call goes into
 * the latest; steps that nobody looked at are zero. now_ms: monotonic; time_ms: since the epoch.
 */
void history_take(
    struct history *history, const struct history_totals *totals, int64_t now_ms, int64_t time_ms);

/* Until the step under way ends, in milliseconds: 0 to 10,000. */
int64_t history_left_ms(struct history *history, int64_t now_ms);

/*
 * Appends {"step_s","samples":[{"time","requests","errors","bytes_in","bytes_out","p50_ms",
 * "p95_ms"}]}, oldest first; the last two are null without requests. 0 or −ENOMEM.
 */
int history_write(struct history *history, struct str *ret);

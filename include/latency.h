#pragma once
/*
 * Durations, counted in classes: fine enough for percentiles, coarse enough to be read at any time.
 * Each class is a quarter wider than the one before it (the preferred numbers R10 of ISO 3, as
 * whole milliseconds), from 1 ms to 10,000 s: a percentile is right within a tenth of a decade.
 */
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum {
	LATENCY_BOUNDS = 68,
	LATENCY_CLASSES = LATENCY_BOUNDS + 1, /* the last one is for what takes longer than any */
};

/* Zeroed: nothing was counted. Counting takes no lock. */
struct latency {
	_Atomic uint64_t counts[LATENCY_CLASSES];
	_Atomic uint64_t sum_ms;
};

/* As read at one moment. */
struct latency_counts {
	uint64_t counts[LATENCY_CLASSES];
	uint64_t sum_ms;
};

void latency_count(struct latency *latency, int64_t ms);

/* What is counted meanwhile may be in the counts and not yet in the sum. */
void latency_read(const struct latency *latency, struct latency_counts *ret);

uint64_t latency_total(const struct latency_counts *counts);

/* How many took bound_ms or less; exact for the upper end of a class. */
uint64_t latency_within(const struct latency_counts *counts, int64_t bound_ms);

/* Milliseconds that this share (0 to 100) did not exceed, drawn straight within a class. 0: none.
 */
double latency_percentile(const struct latency_counts *counts, unsigned percent);

#include "latency.h"

static const int64_t bounds_ms[LATENCY_BOUNDS] = {1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 25, 31, 40,
    50, 63, 80, 100, 125, 160, 200, 250, 315, 400, 500, 630, 800, 1000, 1250, 1600, 2000, 2500,
    3150, 4000, 5000, 6300, 8000, 10000, 12500, 16000, 20000, 25000, 31500, 40000, 50000, 63000,
    80000, 100000, 125000, 160000, 200000, 250000, 315000, 400000, 500000, 630000, 800000, 1000000,
    1250000, 1600000, 2000000, 2500000, 3150000, 4000000, 5000000, 6300000, 8000000, 10000000};

static size_t class_of(int64_t ms)
{
	size_t i = 0;

	while (i < LATENCY_BOUNDS && ms > bounds_ms[i])
		i++;
	return i;
}

void latency_count(struct latency *latency, int64_t ms)
{
	if (ms < 0)
		ms = 0;
	atomic_fetch_add_explicit(&latency->counts[class_of(ms)], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&latency->sum_ms, (uint64_t)ms, memory_order_relaxed);
}

void latency_read(const struct latency *latency, struct latency_counts *ret)
{
	for (size_t i = 0; i < LATENCY_CLASSES; i++)
		ret->counts[i] = atomic_load_explicit(&latency->counts[i], memory_order_relaxed);
	ret->sum_ms = atomic_load_explicit(&latency->sum_ms, memory_order_relaxed);
}

uint64_t latency_total(const struct latency_counts *counts)
{
	uint64_t total = 0;

	for (size_t i = 0; i < LATENCY_CLASSES; i++)
		total += counts->counts[i];
	return total;
}

uint64_t latency_within(const struct latency_counts *counts, int64_t bound_ms)
{
	uint64_t within = 0;

	for (size_t i = 0; i < LATENCY_BOUNDS && bounds_ms[i] <= bound_ms; i++)
		within += counts->counts[i];
	return within;
}

double latency_percentile(const struct latency_counts *counts, unsigned percent)
{
	double wanted = (double)latency_total(counts) * percent / 100, below = 0;

	if (wanted == 0)
		return 0;
	for (size_t i = 0; i < LATENCY_BOUNDS; i++) {
		double lower = i > 0 ? (double)bounds_ms[i - 1] : 0, here = counts->counts[i];

		if (below + here >= wanted)
			return lower + ((double)bounds_ms[i] - lower) * (wanted - below) / here;
		below += here;
	}
	return (double)bounds_ms[LATENCY_BOUNDS - 1];
}

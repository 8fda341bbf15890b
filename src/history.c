#include "history.h"

#include <inttypes.h>

#include "timefmt.h"

enum { STEP_MS = HISTORY_STEP_S * 1000 };

void history_init(struct history *history, int64_t now_ms)
{
	*history = (struct history){.began_ms = now_ms};
	pthread_mutex_init(&history->lock, NULL);
}

void history_finish(struct history *history)
{
	pthread_mutex_destroy(&history->lock);
}

static struct history_sample difference(
    const struct history_totals *from, const struct history_totals *to)
{
	struct latency_counts latency;

	for (size_t i = 0; i < LATENCY_CLASSES; i++)
		latency.counts[i] = to->latency.counts[i] - from->latency.counts[i];
	return (struct history_sample){
	    .requests = latency_total(&latency),
	    .errors = to->errors - from->errors,
	    .bytes_in = to->bytes_in - from->bytes_in,
	    .bytes_out = to->bytes_out - from->bytes_out,
	    .p50_ms = latency_percentile(&latency, 50),
	    .p95_ms = latency_percentile(&latency, 95),
	};
}

/* Under the lock. */
static void add(struct history *history, struct history_sample sample, int64_t time_ms)
{
	sample.time_ms = time_ms;
	history->samples[history->taken++ % HISTORY_SAMPLES] = sample;
}

void history_take(
    struct history *history, const struct history_totals *totals, int64_t now_ms, int64_t time_ms)
{
	int64_t steps, ended_ms;

	pthread_mutex_lock(&history->lock);
	steps = (now_ms - history->began_ms) / STEP_MS;
	if (steps > 0) {
		history->began_ms += steps * STEP_MS;
		ended_ms = time_ms - (now_ms - history->began_ms);
		for (int64_t gap = steps < HISTORY_SAMPLES ? steps : HISTORY_SAMPLES; gap > 1;
		     gap--)
			add(history, (struct history_sample){}, ended_ms - gap * STEP_MS);
		add(history, difference(&history->totals, totals), ended_ms - STEP_MS);
		history->totals = *totals;
	}
	pthread_mutex_unlock(&history->lock);
}

int64_t history_left_ms(struct history *history, int64_t now_ms)
{
	int64_t left_ms;

	pthread_mutex_lock(&history->lock);
	left_ms = history->began_ms + STEP_MS - now_ms;
	pthread_mutex_unlock(&history->lock);
	return left_ms > 0 ? left_ms : 0;
}

/* Where nothing was asked there is no latency, and a chart has a gap. */
static int write_percentile(
    const struct history_sample *sample, const char *name, double ms, struct str *out)
{
	if (sample->requests == 0)
		return str_appendf(out, ",\"%s\":null", name);
	return str_appendf(out, ",\"%s\":%.1f", name, ms);
}

static int write_sample(const struct history_sample *sample, struct str *out)
{
	char time[TIME_ISO_SIZE];
	int r;

	time_format_iso(sample->time_ms, time);
	r = str_appendf(out,
	    "{\"time\":\"%s\",\"requests\":%" PRIu64 ",\"errors\":%" PRIu64 ",\"bytes_in\":%" PRIu64
	    ",\"bytes_out\":%" PRIu64,
	    time, sample->requests, sample->errors, sample->bytes_in, sample->bytes_out);
	if (r == 0)
		r = write_percentile(sample, "p50_ms", sample->p50_ms, out);
	if (r == 0)
		r = write_percentile(sample, "p95_ms", sample->p95_ms, out);
	return r < 0 ? r : str_append_text(out, "}");
}

int history_write(struct history *history, struct str *ret)
{
	uint64_t first;
	int r;

	r = str_appendf(ret, "{\"step_s\":%d,\"samples\":[", HISTORY_STEP_S);
	pthread_mutex_lock(&history->lock);
	first = history->taken > HISTORY_SAMPLES ? history->taken - HISTORY_SAMPLES : 0;
	for (uint64_t i = first; i < history->taken && r == 0; i++) {
		if (i > first)
			r = str_append_text(ret, ",");
		if (r == 0)
			r = write_sample(&history->samples[i % HISTORY_SAMPLES], ret);
	}
	pthread_mutex_unlock(&history->lock);
	return r < 0 ? r : str_append_text(ret, "]}");
}

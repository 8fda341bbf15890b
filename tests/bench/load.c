/*
 * The clients of a benchmark: N keep-alive connections that repeat one request against a proxy.
 *
 *     load PORT download|upload|upload-chunked|small|stall [option VALUE]...
 *         --streams N   connections (1)         --size BYTES    of one blob (256 MiB)
 *         --seconds S   measure so long (2)     --warmup S      before that (0.3)
 *         --requests N  of each stream, to their end, instead of a time
 *
 * Prints one line of JSON. `stall` opens downloads, reads a little of each, prints how many there
 * are and holds them until standard input ends. Any failed request is a failure: exit 1.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "stream.h"

enum {
	STREAMS_MAX = 1024,
	STACK = 128 * 1024,
};

struct options {
	int streams;
	double seconds, warmup;
};

static const char *const mode_names[] = {
    [MODE_DOWNLOAD] = "download",
    [MODE_UPLOAD] = "upload",
    [MODE_UPLOAD_CHUNKED] = "upload-chunked",
    [MODE_SMALL] = "small",
    [MODE_STALL] = "stall",
};

struct sample {
	uint64_t bytes, requests;
	double at;
};

static struct stream streams[STREAMS_MAX];
static pthread_t threads[STREAMS_MAX];

static void wait_seconds(double seconds)
{
	struct timespec span = {.tv_sec = (time_t)seconds,
	    .tv_nsec = (long)((seconds - (double)(time_t)seconds) * 1e9)};

	nanosleep(&span, NULL);
}

static struct sample take_sample(int count)
{
	struct timespec now;
	struct sample sample = {};

	clock_gettime(CLOCK_MONOTONIC, &now);
	sample.at = (double)now.tv_sec + (double)now.tv_nsec / 1e9;
	for (int i = 0; i < count; i++) {
		sample.bytes += streams[i].bytes;
		sample.requests += streams[i].requests;
	}
	return sample;
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* All streams' latencies, sorted; the caller frees them. */
static uint32_t *gather_latencies(int count, size_t *ret_len)
{
	size_t total = 0, at = 0;
	uint32_t *all;

	for (int i = 0; i < count; i++)
		total += streams[i].latency_count;
	all = calloc(total + 1, sizeof(*all));
	if (!all)
		return NULL;
	for (int i = 0; i < count; at += streams[i++].latency_count)
		if (streams[i].latency_count)
			memcpy(all + at, streams[i].latencies_us,
			    streams[i].latency_count * sizeof(*all));
	qsort(all, total, sizeof(*all), compare);
	*ret_len = total;
	return all;
}

static void print_result(int count, struct sample first, struct sample last)
{
	size_t len = 0;
	uint32_t *all = gather_latencies(count, &len);

	if (!all)
		return;
	printf("{\"bytes\": %" PRIu64 ", \"seconds\": %.6f, \"requests\": %" PRIu64
	       ", \"total_bytes\": %" PRIu64 ", \"total_requests\": %" PRIu64
	       ", \"p50_us\": %u, \"p99_us\": %u}\n",
	    last.bytes - first.bytes, last.at - first.at, last.requests - first.requests,
	    take_sample(count).bytes, take_sample(count).requests, all[len / 2],
	    all[len * 99 / 100]);
	free(all);
}

static int start_streams(struct plan *plan, int count)
{
	pthread_attr_t attributes;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK);
	for (int i = 0; i < count; i++) {
		streams[i].plan = plan;
		streams[i].fd = -1;
		if (pthread_create(&threads[i], &attributes, stream_run, &streams[i]) != 0)
			return -1;
	}
	return 0;
}

/* Joins them all; −1 where one failed. */
static int join_streams(int count)
{
	int r = 0;

	for (int i = 0; i < count; i++) {
		pthread_join(threads[i], NULL);
		if (!streams[i].error[0] || r < 0)
			continue;
		fprintf(stderr, "load: %s\n", streams[i].error);
		r = -1;
	}
	return r;
}

static int stop_streams(struct plan *plan, int count)
{
	plan->stop = true;
	for (int i = 0; i < count; i++)
		stream_interrupt(&streams[i]);
	return join_streams(count);
}

static int run_for_a_time(struct plan *plan, const struct options *options)
{
	struct sample first, last;

	wait_seconds(options->warmup);
	plan->measure = true;
	first = take_sample(options->streams);
	wait_seconds(options->seconds);
	last = take_sample(options->streams);
	if (stop_streams(plan, options->streams) < 0)
		return -1;
	print_result(options->streams, first, last);
	return 0;
}

static int run_to_the_end(struct plan *plan, const struct options *options)
{
	struct sample first = take_sample(0);

	plan->measure = true;
	if (join_streams(options->streams) < 0)
		return -1;
	print_result(options->streams, first, take_sample(options->streams));
	return 0;
}

static int run_stalled(struct plan *plan, const struct options *options)
{
	char byte;

	while (plan->stalled + plan->ended < options->streams)
		wait_seconds(0.01);
	if (!plan->ended) {
		printf("{\"stalled\": %d}\n", plan->stalled);
		fflush(stdout);
		while (read(STDIN_FILENO, &byte, 1) > 0)
			;
	}
	return stop_streams(plan, options->streams);
}

static int parse_mode(const char *text)
{
	for (int mode = 0; mode <= MODE_STALL; mode++)
		if (strcmp(text, mode_names[mode]) == 0)
			return mode;
	return -1;
}

static int parse_option(const char *name, const char *value, struct plan *plan, struct options *o)
{
	if (strcmp(name, "--streams") == 0)
		o->streams = atoi(value);
	else if (strcmp(name, "--size") == 0)
		plan->size = strtoull(value, NULL, 10);
	else if (strcmp(name, "--requests") == 0)
		plan->requests = strtoull(value, NULL, 10);
	else if (strcmp(name, "--seconds") == 0)
		o->seconds = atof(value);
	else if (strcmp(name, "--warmup") == 0)
		o->warmup = atof(value);
	else
		return -1;
	return 0;
}

/* −1 unless the command line makes sense as a whole. */
static int parse_arguments(int argc, char **argv, struct plan *plan, struct options *o)
{
	int mode = argc >= 3 ? parse_mode(argv[2]) : -1;

	if (mode < 0 || argc % 2 == 0)
		return -1;
	plan->port = atoi(argv[1]);
	plan->mode = (enum mode)mode;
	for (int i = 3; i < argc; i += 2)
		if (parse_option(argv[i], argv[i + 1], plan, o) < 0)
			return -1;
	if (o->streams < 1 || o->streams > STREAMS_MAX || plan->port < 1 || plan->port > 65535)
		return -1;
	if ((mode == MODE_UPLOAD || mode == MODE_UPLOAD_CHUNKED) && plan->size % STREAM_BLOCK)
		return -1;
	return 0;
}

int main(int argc, char **argv)
{
	static struct plan plan = {.size = 256 * 1024 * 1024};
	struct options options = {.streams = 1, .seconds = 2, .warmup = 0.3};
	int r;

	if (parse_arguments(argc, argv, &plan, &options) < 0) {
		fprintf(stderr, "usage: load PORT MODE [--streams N] [--size BYTES] "
				"[--seconds S] [--warmup S] [--requests N]\n");
		return 2;
	}
	stream_prepare();
	if (start_streams(&plan, options.streams) < 0)
		return 1;
	if (plan.mode == MODE_STALL)
		r = run_stalled(&plan, &options);
	else if (plan.requests)
		r = run_to_the_end(&plan, &options);
	else
		r = run_for_a_time(&plan, &options);
	return r < 0;
}

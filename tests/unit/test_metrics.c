#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "limits.h"
#include "metrics.h"

static struct metrics metrics;

static uint64_t requests(int operation, const char *status)
{
	char name[METRICS_STATUS_SIZE];

	for (size_t i = 0; i < METRICS_STATUSES; i++) {
		metrics_status_name(i, name);
		if (strcmp(name, status) == 0)
			return metrics.requests[operation][i];
	}
	ck_abort_msg("no status %s", status);
}

START_TEST(every_status_has_a_place)
{
	metrics_init(&metrics);
	for (unsigned status = 0; status < 1000; status++)
		metrics_request(&metrics, OPERATION_BLOB, status, status >= 500, 3);
	ck_assert_uint_eq(requests(OPERATION_BLOB, "200"), 1);
	ck_assert_uint_eq(requests(OPERATION_BLOB, "404"), 1);
	ck_assert_uint_eq(requests(OPERATION_BLOB, "504"), 1);
	ck_assert_uint_eq(requests(OPERATION_BLOB, "none"), 1);
	ck_assert_uint_eq(requests(OPERATION_BLOB, "other"), 1000 - 1 - (METRICS_STATUSES - 2));
	metrics_finish(&metrics);
}
END_TEST

START_TEST(every_label_has_a_word)
{
	ck_assert_str_eq(metrics_operation_name(OPERATION_PING), "ping");
	ck_assert_str_eq(metrics_operation_name(METRICS_NO_OPERATION), "none");
	for (size_t i = 0; i < METRICS_OPERATIONS; i++)
		ck_assert_ptr_nonnull(metrics_operation_name(i));
	for (size_t i = 0; i < METRICS_RESULTS; i++)
		ck_assert_ptr_nonnull(metrics_result_name(i));
	for (size_t i = 0; i < METRICS_ERRORS; i++)
		ck_assert_ptr_nonnull(metrics_error_name(i));
}
END_TEST

START_TEST(totals_are_of_all_requests)
{
	struct history_totals totals;

	metrics_init(&metrics);
	metrics_request(&metrics, OPERATION_PING, 200, false, 1);
	metrics_request(&metrics, METRICS_NO_OPERATION, 0, true, 250);
	metrics_in(&metrics, 7);
	metrics_out(&metrics, 70000000000);
	metrics_read(&metrics, &totals);
	ck_assert_uint_eq(latency_total(&totals.latency), 2);
	ck_assert_uint_eq(totals.latency.sum_ms, 251);
	ck_assert_uint_eq(totals.errors, 1);
	ck_assert_uint_eq(totals.bytes_in, 7);
	ck_assert_uint_eq(totals.bytes_out, 70000000000);
	metrics_finish(&metrics);
}
END_TEST

START_TEST(only_what_was_created_took_time)
{
	struct latency_counts counts;

	metrics_init(&metrics);
	for (size_t i = 0; i < METRICS_RESULTS; i++)
		metrics_creation(&metrics, "a.test", (enum metrics_result)i, 300);
	latency_read(&metrics.creation_latency, &counts);
	ck_assert_uint_eq(latency_total(&counts), 1);
	ck_assert_uint_eq(metrics_find(&metrics, "a.test")->creations[METRICS_DENIED], 1);
	ck_assert_uint_eq(metrics_find(&metrics, "b.test")->creations[METRICS_DENIED], 0);
	metrics_finish(&metrics);
}
END_TEST

static void list(const char *prefix, size_t len)
{
	struct registry registries[LIMIT_REGISTRIES + 1] = {};
	struct registry *items[LIMIT_REGISTRIES + 1];
	static char hosts[LIMIT_REGISTRIES + 1][32];

	for (size_t i = 0; i < len; i++) {
		snprintf(hosts[i], sizeof(hosts[i]), "%s-%zu.test", prefix, i);
		registries[i].host = hosts[i];
		items[i] = &registries[i];
	}
	metrics_list(&metrics, &(struct registries){.items = items, .len = len});
}

START_TEST(registries_are_bounded)
{
	char host[32];

	metrics_init(&metrics);
	for (size_t i = 0; i < 10000; i++) {
		snprintf(host, sizeof(host), "any-%zu.test", i);
		metrics_error(&metrics, host, METRICS_CUT);
	}
	ck_assert_uint_eq(metrics.len, METRICS_OTHERS);
	ck_assert_uint_eq(metrics.registries.errors[METRICS_CUT], 10000 - METRICS_OTHERS);
	/* What is configured has a place still. */
	list("listed", 3);
	ck_assert_uint_eq(metrics.len, METRICS_OTHERS + 3);
	ck_assert_str_eq(metrics_find(&metrics, "listed-2.test")->host, "listed-2.test");
	list("listed", 3);
	ck_assert_uint_eq(metrics.len, METRICS_OTHERS + 3);
	list("more", LIMIT_REGISTRIES);
	ck_assert_uint_eq(metrics.len, LIMIT_REGISTRIES);
	ck_assert_ptr_null(metrics_find(&metrics, "more-1023.test")->host);
	metrics_finish(&metrics);
}
END_TEST

enum { THREADS = 4, ROUNDS = 5000 };

static void *count(void *unused)
{
	char host[32];

	for (int i = 0; i < ROUNDS; i++) {
		snprintf(host, sizeof(host), "any-%d.test", i % (METRICS_OTHERS + 8));
		metrics_request(&metrics, OPERATION_UPLOAD, 201, false, i);
		metrics_in(&metrics, 10);
		metrics_error(&metrics, host, METRICS_TIMEOUT);
		metrics_creation(&metrics, host, METRICS_CREATED, 5);
	}
	return NULL;
}

START_TEST(nothing_is_lost_among_threads)
{
	struct history_totals totals;
	pthread_t threads[THREADS];
	uint64_t errors = 0;

	metrics_init(&metrics);
	for (size_t i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, count, NULL), 0);
	for (int i = 0; i < 100; i++)
		metrics_read(&metrics, &totals);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	metrics_read(&metrics, &totals);
	ck_assert_uint_eq(latency_total(&totals.latency), THREADS * ROUNDS);
	ck_assert_uint_eq(totals.bytes_in, THREADS * ROUNDS * 10);
	for (struct metrics_registry *r = &metrics.registries; r; r = r->next)
		errors += r->errors[METRICS_TIMEOUT];
	ck_assert_uint_eq(errors, THREADS * ROUNDS);
	ck_assert_uint_eq(metrics.len, METRICS_OTHERS);
	metrics_finish(&metrics);
}
END_TEST

UNIT(metrics, every_status_has_a_place, every_label_has_a_word, totals_are_of_all_requests,
    only_what_was_created_took_time, registries_are_bounded, nothing_is_lost_among_threads);

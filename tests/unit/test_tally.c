#include "unit.h"

#include "clock.h"
#include "log.h"
#include "tally.h"

static struct metrics metrics;
static struct live live = {.lock = PTHREAD_MUTEX_INITIALIZER};
static struct exchange_context context = {.live = &live, .metrics = &metrics};

/* Ends it; what was counted is in the result. */
static struct history_totals end(struct exchange *x, enum http_end how)
{
	struct history_totals totals;

	log_setup(LOG_LEVEL_ERROR, LOG_FORMAT_TEXT);
	metrics_init(&metrics);
	x->context = &context;
	x->access.ms = clock_mono_ms() - 700;
	tally_end(x, how);
	metrics_read(&metrics, &totals);
	metrics_finish(&metrics);
	return totals;
}

START_TEST(a_long_transfer_is_seen_moving)
{
	struct exchange x = {.context = &context};

	metrics_init(&metrics);
	live_begin(&live, &x.live, "app", "upload", 1000, 0);
	tally_in(&x, 100);
	tally_in(&x, 150);
	ck_assert_uint_eq(metrics.bytes_in, 250);
	ck_assert_int_eq(x.live.bytes, 250);
	ck_assert_uint_eq(x.access.bytes_in, 250);
	tally_out(&x, 30);
	ck_assert_uint_eq(metrics.bytes_out, 30);
	ck_assert_uint_eq(x.access.bytes_out, 30);
	live_end(&x.live);
	metrics_finish(&metrics);
}
END_TEST

START_TEST(an_end_has_a_reason)
{
	static const struct {
		enum http_end how;
		char *method;
		const char *reason;
	} cases[] = {
	    {HTTP_END_SENT, (char *)"GET", "ok"},
	    {HTTP_END_SENT, NULL, "malformed"},
	    {HTTP_END_CLIENT_LEFT, (char *)"GET", "client-left"},
	    {HTTP_END_TIMEOUT, (char *)"GET", "client-stalled"},
	    {HTTP_END_STOPPED, (char *)"GET", "stopped"},
	    {HTTP_END_ERROR, NULL, "error"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct exchange x = {.method = cases[i].method};

		end(&x, cases[i].how);
		ck_assert_str_eq(x.access.reason, cases[i].reason);
	}
}
END_TEST

START_TEST(its_time_is_measured)
{
	struct exchange x = {.access = {.status = 200, .operation = "ping"}};
	struct history_totals totals = end(&x, HTTP_END_SENT);

	ck_assert_int_ge(x.access.ms, 700);
	ck_assert_int_lt(x.access.ms, 5000);
	ck_assert_uint_eq(latency_total(&totals.latency), 1);
	ck_assert_uint_ge(totals.latency.sum_ms, 700);
	ck_assert_uint_eq(totals.errors, 0);
}
END_TEST

START_TEST(a_failure_is_ours_or_the_registrys)
{
	struct exchange refused = {.access = {.status = 403}, .refusal = {.status = 403}};
	struct exchange failed = {.access = {.status = 504}};
	struct exchange cut = {.access = {.status = 200}, .refusal = {.status = 504}};
	struct exchange left = {.access = {.status = 504}, .refusal = {.status = 504}};

	ck_assert_uint_eq(end(&refused, HTTP_END_SENT).errors, 0);
	ck_assert_uint_eq(end(&failed, HTTP_END_SENT).errors, 1);
	ck_assert_uint_eq(end(&cut, HTTP_END_ERROR).errors, 1);
	ck_assert_uint_eq(end(&left, HTTP_END_CLIENT_LEFT).errors, 0);
}
END_TEST

UNIT(tally, a_long_transfer_is_seen_moving, an_end_has_a_reason, its_time_is_measured,
    a_failure_is_ours_or_the_registrys);

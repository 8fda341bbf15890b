/* Remedies over played lower layers; time is real and short. */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "clock.h"
#include "played.h"
#include "question.h"
#include "remedy.h"

static struct registry registry = {.host = (char *)"123456789012.dkr.ecr.eu-west-1.amazonaws.com"};
static struct stop stop;
static struct metrics metrics;
static struct exchange_context context = {.metrics = &metrics, .stop = &stop};
static struct exchange x;

static void setup(int64_t within_ms)
{
	played_reset();
	metrics_finish(&metrics);
	metrics_init(&metrics);
	x = (struct exchange){
	    .context = &context,
	    .method = (char *)"POST",
	    .route = {.registry = &registry,
		.repository = (char *)"app",
		.target = (char *)"/v2/app/blobs/uploads/"},
	    .deadline_ms = clock_mono_ms() + within_ms,
	};
	if (stop.fd <= 0)
		ck_assert_int_eq(stop_init(&stop), 0);
}

static void asked(unsigned status, const char *fields)
{
	played.answers[played.questions] =
	    (struct played_answer){.status = status, .fields = fields};
	ck_assert_int_eq(question_ask(&x), 0);
}

static void finish(void)
{
	transfer_finish(x.transfer);
	ecr_token_unref(x.token);
	str_finish(&x.begun);
}

START_TEST(creates_once_then_pauses_longer_each_time)
{
	int64_t start_ms;

	setup(10000);
	ck_assert_int_eq(remedy_create(&x), 0);
	ck_assert(x.notice.text[0]);
	start_ms = clock_mono_ms();
	ck_assert_int_eq(remedy_create(&x), 0); /* 100 ms */
	ck_assert_int_eq(remedy_create(&x), 0); /* 200 ms */
	ck_assert_int_ge(clock_mono_ms() - start_ms, 300);
	ck_assert_int_eq(x.pause_ms, 400);
	ck_assert_uint_eq(played.creations, 1);
	finish();
}
END_TEST

START_TEST(gives_up_at_the_deadline)
{
	setup(150);
	ck_assert_int_eq(remedy_create(&x), 0);
	ck_assert_int_eq(remedy_create(&x), 0);
	ck_assert_int_eq(remedy_create(&x), -EPERM);
	ck_assert_uint_eq(x.refusal.status, 504);
	ck_assert_str_eq(x.access.reason, "deadline");
	ck_assert_ptr_nonnull(strstr(x.refusal.message, "without an answer"));
	finish();
}
END_TEST

START_TEST(a_refusal_names_the_repository)
{
	setup(1000);
	played.creation_refusal = 403;
	ck_assert_int_eq(remedy_create(&x), -EPERM);
	ck_assert_str_eq(x.refusal.message, "app cannot be created: played");
	ck_assert_uint_eq(x.refusal.status, 403);
	finish();
}
END_TEST

START_TEST(a_bad_name_is_refused_by_its_pattern)
{
	setup(1000);
	x.method = (char *)"GET";
	ck_assert_int_eq(remedy_refuse_name(&x), -EPERM);
	ck_assert_uint_eq(x.refusal.status, 400);
	ck_assert_str_eq(x.access.reason, "bad-name");
	ck_assert_ptr_nonnull(
	    strstr(x.refusal.message, "app is no repository name that ECR takes"));
	x.method = (char *)"HEAD";
	ck_assert_int_eq(remedy_refuse_name(&x), -EPERM);
	ck_assert_uint_eq(x.refusal.status, 404);
	x.method = (char *)"POST";
	x.route.operation = OPERATION_UPLOAD_START;
	played.creation_refusal = 400;
	ck_assert_int_eq(remedy_refuse_name(&x), -EPERM);
	ck_assert_str_eq(x.access.reason, "not-created");
	finish();
}
END_TEST

START_TEST(silence_that_cannot_be_explained_is_a_504)
{
	setup(1000);
	played.exists = -EPERM;
	ck_assert_int_eq(remedy_silence(&x), -EPERM);
	ck_assert_uint_eq(x.refusal.status, 504);
	ck_assert_uint_eq(played.creations, 0);
	finish();
}
END_TEST

START_TEST(before_a_stream_what_exists_is_left_alone)
{
	setup(1000);
	played.exists = 1;
	ck_assert_int_eq(remedy_before_stream(&x), 0);
	ck_assert_uint_eq(played.creations, 0);
	/* No right to ask: the registry itself will tell. */
	played.exists = -EPERM;
	ck_assert_int_eq(remedy_before_stream(&x), 0);
	ck_assert_uint_eq(played.creations, 0);
	ck_assert_uint_eq(x.refusal.status, 0);
	finish();
}
END_TEST

START_TEST(another_token_is_fetched)
{
	setup(1000);
	asked(401, NULL);
	ck_assert_int_eq(remedy_token(&x), 0);
	ck_assert_str_eq(x.token->authorization, "Basic token2");
	ck_assert(x.signed_in_anew);
	ck_assert_uint_eq(played.tokens_refused, 1);
	ck_assert_uint_eq(metrics_find(&metrics, registry.host)->errors[METRICS_TOKEN_REFUSED], 1);
	finish();
}
END_TEST

START_TEST(retry_after_is_kept_to)
{
	int64_t start_ms;

	setup(10000);
	asked(429, "Retry-After: 1\r\n");
	start_ms = clock_mono_ms();
	ck_assert_int_eq(remedy_throttled(&x), 0);
	ck_assert_int_ge(clock_mono_ms() - start_ms, 1000);
	finish();
	setup(500);
	asked(429, "Retry-After: 1\r\n");
	ck_assert_int_eq(remedy_throttled(&x), -EPERM);
	ck_assert_uint_eq(x.refusal.status, 504);
	finish();
}
END_TEST

START_TEST(a_throttled_stream_is_the_clients_to_repeat)
{
	setup(10000);
	asked(429, "Retry-After: 1\r\n");
	x.streamed = true;
	ck_assert_int_eq(remedy_throttled(&x), -EPERM);
	ck_assert_uint_eq(x.refusal.status, 504);
	ck_assert_str_eq(x.access.reason, "throttled");
	finish();
}
END_TEST

START_TEST(throttling_is_not_waited_for_as_long_as_a_commit)
{
	setup(300000);
	asked(429, "Retry-After: 25\r\n");
	ck_assert_int_eq(remedy_throttled(&x), -EPERM);
	ck_assert_uint_eq(x.refusal.status, 504);
	finish();
}
END_TEST

START_TEST(a_stop_ends_every_pause)
{
	int64_t start_ms = clock_mono_ms();

	setup(20000);
	x.pause_ms = 10000;
	x.upserted = true;
	stop_now(&stop);
	ck_assert_int_eq(remedy_create(&x), -EPERM);
	ck_assert_int_lt(clock_mono_ms() - start_ms, 5000);
	ck_assert_str_eq(x.access.reason, "stopped");
	finish();
}
END_TEST

UNIT(remedy, a_throttled_stream_is_the_clients_to_repeat, creates_once_then_pauses_longer_each_time,
    gives_up_at_the_deadline, a_refusal_names_the_repository, a_bad_name_is_refused_by_its_pattern,
    silence_that_cannot_be_explained_is_a_504, before_a_stream_what_exists_is_left_alone,
    another_token_is_fetched, retry_after_is_kept_to,
    throttling_is_not_waited_for_as_long_as_a_commit, a_stop_ends_every_pause);

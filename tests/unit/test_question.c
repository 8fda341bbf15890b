/* One question to a played registry. */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "clock.h"
#include "limits.h"
#include "played.h"
#include "question.h"

static struct registry registry = {.host = (char *)"123456789012.dkr.ecr.eu-west-1.amazonaws.com"};
static struct metrics metrics;
static struct exchange_context context;
static struct exchange x;

static void setup(const char *method)
{
	played_reset();
	metrics_init(&metrics);
	context = (struct exchange_context){.metrics = &metrics};
	x = (struct exchange){
	    .context = &context,
	    .method = (char *)method,
	    .route = {.registry = &registry, .target = (char *)"/v2/app/tags/list"},
	    .deadline_ms = clock_mono_ms() + 1000,
	};
}

static void finish(void)
{
	transfer_finish(x.transfer);
	ecr_token_unref(x.token);
	str_finish(&x.begun);
	str_finish(&x.held);
	metrics_finish(&metrics);
}

/* How often that went wrong, and nothing else. */
static void counted(enum metrics_error error, uint64_t times)
{
	const struct metrics_registry *place = metrics_find(&metrics, registry.host);

	for (size_t i = 0; i < METRICS_ERRORS; i++)
		ck_assert_uint_eq(place->errors[i], i == error ? times : 0);
}

START_TEST(a_short_answer_is_read_whole)
{
	setup("GET");
	played.answers[0] = (struct played_answer){
	    .status = 200, .fields = "Content-Length: 5\r\n", .body = "short"};
	ck_assert_int_eq(question_ask(&x), 0);
	ck_assert(x.begun_whole);
	ck_assert_str_eq(str_text(&x.begun), "short");
	ck_assert_uint_eq(x.access.upstream_status, 200);
	finish();
}
END_TEST

START_TEST(a_long_answer_is_left_to_be_pulled)
{
	char buffer[8];

	setup("GET");
	played.answers[0] = (struct played_answer){
	    .status = 200, .fields = "Content-Length: 1000000\r\n", .body = "long"};
	ck_assert_int_eq(question_ask(&x), 0);
	ck_assert(!x.begun_whole);
	ck_assert_uint_eq(x.begun.len, 0);
	ck_assert_int_eq(question_read(&x, buffer, sizeof(buffer)), 4);
	ck_assert_mem_eq(buffer, "long", 4);
	finish();
}
END_TEST

START_TEST(an_error_without_length_is_begun_and_pulled_on)
{
	_cleanup_(freep) char *body = malloc(2 * LIMIT_SMALL_BODY + 1);
	size_t got = 0;
	char buffer[1000];
	ssize_t n;

	memset(body, 'e', 2 * LIMIT_SMALL_BODY);
	body[2 * LIMIT_SMALL_BODY] = '\0';
	setup("GET");
	played.answers[0] = (struct played_answer){
	    .status = 500, .fields = "Transfer-Encoding: chunked\r\n", .body = body};
	ck_assert_int_eq(question_ask(&x), 0);
	ck_assert(!x.begun_whole);
	ck_assert_uint_ge(x.begun.len, LIMIT_SMALL_BODY);
	while ((n = question_read(&x, buffer, sizeof(buffer))) > 0)
		got += (size_t)n;
	ck_assert_int_eq(n, 0);
	ck_assert_uint_eq(got, 2 * LIMIT_SMALL_BODY);
	counted(METRICS_SERVER_ERROR, 1);
	finish();
}
END_TEST

START_TEST(a_question_repeated_goes_over_a_fresh_connection)
{
	setup("GET");
	played.answers[0] = played.answers[1] = (struct played_answer){.status = 200};
	ck_assert_int_eq(question_ask(&x), 0);
	ck_assert(!played.fresh_connection);
	x.access.retries = 1;
	ck_assert_int_eq(question_ask(&x), 0);
	ck_assert(played.fresh_connection);
	ck_assert_uint_eq(played.open, 1);
	ck_assert_uint_eq(played.tokens, 1);
	finish();
}
END_TEST

START_TEST(silence_is_told_from_other_failures)
{
	setup("POST");
	played.answers[0] = (struct played_answer){.failure = TRANSFER_NO_BYTE};
	ck_assert_int_eq(question_ask(&x), -EIO);
	ck_assert_uint_eq(x.refusal.status, 0);
	counted(METRICS_NO_ANSWER, 1);
	finish();
	setup("POST");
	played.answers[0] = (struct played_answer){.failure = TRANSFER_CONNECT};
	ck_assert_int_eq(question_ask(&x), -EPERM);
	ck_assert_uint_eq(x.refusal.status, 504);
	counted(METRICS_CONNECT, 1);
	finish();
}
END_TEST

START_TEST(without_a_token_nothing_is_asked)
{
	setup("GET");
	played.token_refusal = 403;
	ck_assert_int_eq(question_ask(&x), -EPERM);
	ck_assert_uint_eq(x.refusal.status, 403);
	ck_assert_str_eq(x.access.reason, "no-token");
	ck_assert_uint_eq(played.questions, 0);
	counted(METRICS_NO_TOKEN, 1);
	finish();
}
END_TEST

START_TEST(a_body_that_is_cut_while_pulled_is_told)
{
	char buffer[8];

	setup("GET");
	played.answers[0] = (struct played_answer){
	    .status = 200, .fields = "Content-Length: 1000000\r\n", .body = "", .cut = true};
	ck_assert_int_eq(question_ask(&x), 0);
	ck_assert_int_lt(question_read(&x, buffer, sizeof(buffer)), 0);
	ck_assert_str_eq(x.access.reason, "upstream-failed");
	counted(METRICS_CUT, 1);
	finish();
}
END_TEST

START_TEST(every_fault_of_a_registry_is_counted)
{
	static const struct {
		struct played_answer answer;
		enum metrics_error error; /* METRICS_ERRORS: it is no fault of the registry's */
	} cases[] = {
	    {{.status = 200}, METRICS_ERRORS},
	    {{.status = 404}, METRICS_ERRORS},
	    {{.status = 429}, METRICS_THROTTLED},
	    {{.status = 503}, METRICS_SERVER_ERROR},
	    {{.failure = TRANSFER_CONNECT}, METRICS_CONNECT},
	    {{.failure = TRANSFER_CERTIFICATE}, METRICS_CERTIFICATE},
	    {{.failure = TRANSFER_NO_BYTE}, METRICS_NO_ANSWER},
	    {{.failure = TRANSFER_CUT}, METRICS_CUT},
	    {{.failure = TRANSFER_TIMEOUT}, METRICS_TIMEOUT},
	    {{.failure = TRANSFER_MALFORMED}, METRICS_MALFORMED},
	    {{.failure = TRANSFER_CLIENT_LEFT}, METRICS_ERRORS},
	    {{.failure = TRANSFER_STOPPED}, METRICS_ERRORS},
	    {{.failure = TRANSFER_NO_MEMORY}, METRICS_ERRORS},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		setup("GET");
		played.answers[0] = cases[i].answer;
		question_ask(&x);
		counted(cases[i].error, 1);
		finish();
	}
}
END_TEST

UNIT(question, a_short_answer_is_read_whole, a_long_answer_is_left_to_be_pulled,
    an_error_without_length_is_begun_and_pulled_on,
    a_question_repeated_goes_over_a_fresh_connection, silence_is_told_from_other_failures,
    without_a_token_nothing_is_asked, a_body_that_is_cut_while_pulled_is_told,
    every_fault_of_a_registry_is_counted);

/* The runtime API, played as answers of fetch(). */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "lambda_runtime.h"
#include "log.h"

static struct stop wait_stop, tell_stop;
static const struct lambda_runtime runtime = {
    .api = "127.0.0.1:9001", .wait = {.stop = &wait_stop}, .tell = {.stop = &tell_stop}};

static struct {
	int result;
	unsigned status;
	const char *id, *deadline, *body;
} answers[4];
static unsigned asked;
static char url[512], body[1024], type[64];
static int64_t asked_for_ms;
static struct lambda_invocation invocation;
static struct err e;

int fetch(const struct fetcher *fetcher, const struct fetch_request *request,
    struct fetch_reply *ret, struct err *why)
{
	unsigned n = asked++;

	ck_assert_uint_lt(n, 4);
	ck_assert(request->direct);
	ck_assert_ptr_eq(fetcher->stop, request->body ? &tell_stop : &wait_stop);
	snprintf(url, sizeof(url), "%s %s", request->method, request->url);
	snprintf(body, sizeof(body), "%s", request->body ? request->body : "");
	*type = '\0';
	if (request->headers &&
	    headers_count(request->headers, "Lambda-Runtime-Function-Error-Type"))
		snprintf(type, sizeof(type), "%s",
		    headers_get(request->headers, "Lambda-Runtime-Function-Error-Type"));
	asked_for_ms = request->deadline_ms;
	if (answers[n].result < 0)
		return err_set(why, answers[n].result, "played");
	*ret = (struct fetch_reply){.status = answers[n].status};
	if (answers[n].id)
		headers_add(&ret->headers, "lambda-runtime-aws-request-id", answers[n].id);
	if (answers[n].deadline)
		headers_add(&ret->headers, "Lambda-Runtime-Deadline-Ms", answers[n].deadline);
	for (const char *at = answers[n].body; at && *at; at++)
		str_append(&ret->body, at, 1);
	return 0;
}

void fetch_reply_finish(struct fetch_reply *reply)
{
	headers_finish(&reply->headers);
	str_finish(&reply->body);
}

static void setup(void)
{
	log_setup(LOG_LEVEL_ERROR + 1, LOG_FORMAT_TEXT);
	memset(answers, 0, sizeof(answers));
	asked = 0;
	ck_assert_int_eq(stop_init(&wait_stop), 0);
	ck_assert_int_eq(stop_init(&tell_stop), 0);
}

static void teardown(void)
{
	stop_finish(&wait_stop);
	stop_finish(&tell_stop);
}

static int64_t left_of(const char *deadline)
{
	setup();
	answers[0].status = 200;
	answers[0].id = "id-1";
	answers[0].deadline = deadline;
	answers[0].body = "{}";
	ck_assert_int_eq(lambda_runtime_next(&runtime, &invocation, &e), 0);
	ck_assert_str_eq(url, "GET http://127.0.0.1:9001/2018-06-01/runtime/invocation/next");
	ck_assert_int_eq(asked_for_ms, INT64_MAX);
	ck_assert_str_eq(invocation.id, "id-1");
	ck_assert_str_eq(str_text(&invocation.body), "{}");
	ck_assert(!invocation.too_large);
	lambda_invocation_finish(&invocation);
	teardown();
	return invocation.deadline_ms - clock_mono_ms();
}

START_TEST(an_invocation)
{
	char text[32];
	int64_t left;

	snprintf(text, sizeof(text), "%lld", (long long)clock_wall_ms() + 3000);
	left = left_of(text);
	ck_assert(left > 2000 && left <= 3000);
	ck_assert_int_lt(left_of("1"), 0);
	left = left_of(NULL);
	ck_assert(left > 5000 && left <= 10000);
	ck_assert_int_gt(left_of("soon"), 5000);
	ck_assert_int_gt(left_of("99999999999999999999999"), 5000);
}
END_TEST

START_TEST(one_that_is_none)
{
	static const char *const ids[] = {NULL, "", "../x", "a b", "a%2f"};
	static char longest[300];

	for (size_t i = 0; i <= sizeof(ids) / sizeof(*ids); i++) {
		setup();
		memset(longest, 'a', sizeof(longest) - 1);
		answers[0].status = 200;
		answers[0].id = i < sizeof(ids) / sizeof(*ids) ? ids[i] : longest;
		ck_assert_int_eq(lambda_runtime_next(&runtime, &invocation, &e), -EPROTO);
		teardown();
	}
	setup();
	answers[0].status = 403;
	answers[0].id = "id-1";
	ck_assert_int_eq(lambda_runtime_next(&runtime, &invocation, &e), -EPROTO);
	ck_assert_ptr_nonnull(strstr(e.text, "403"));
	teardown();
	setup();
	answers[0].result = -ECANCELED;
	ck_assert_int_eq(lambda_runtime_next(&runtime, &invocation, &e), -ECANCELED);
	teardown();
}
END_TEST

START_TEST(what_is_too_large_is_known_by_its_name)
{
	_cleanup_(freep) char *large = malloc(LAMBDA_EVENT_MAX + 2);

	memset(large, 'x', LAMBDA_EVENT_MAX + 1);
	large[LAMBDA_EVENT_MAX + 1] = '\0';
	setup();
	answers[0].status = 200;
	answers[0].id = "id-1";
	answers[0].body = large;
	ck_assert_int_eq(lambda_runtime_next(&runtime, &invocation, &e), 0);
	ck_assert(invocation.too_large);
	ck_assert_uint_eq(invocation.body.len, 0);
	ck_assert_str_eq(invocation.id, "id-1");
	teardown();
}
END_TEST

START_TEST(a_response)
{
	setup();
	answers[0].status = 202;
	ck_assert_int_eq(lambda_runtime_respond(&runtime, "id-1", "{\"a\":1}", &e), 0);
	ck_assert_str_eq(
	    url, "POST http://127.0.0.1:9001/2018-06-01/runtime/invocation/id-1/response");
	ck_assert_str_eq(body, "{\"a\":1}");
	ck_assert_str_eq(type, "");
	teardown();
}
END_TEST

START_TEST(a_failure)
{
	const struct lambda_failure failure = {"Category.Reason", "it \"failed\""};

	setup();
	answers[0].status = answers[1].status = 202;
	ck_assert_int_eq(lambda_runtime_fail(&runtime, "id-1", &failure, &e), 0);
	ck_assert_str_eq(
	    url, "POST http://127.0.0.1:9001/2018-06-01/runtime/invocation/id-1/error");
	ck_assert_str_eq(body, "{\"errorMessage\":\"it \\\"failed\\\"\",\"errorType\":"
			       "\"Category.Reason\",\"stackTrace\":[]}");
	ck_assert_str_eq(type, "Category.Reason");
	ck_assert_int_eq(lambda_runtime_fail(&runtime, NULL, &failure, &e), 0);
	ck_assert_str_eq(url, "POST http://127.0.0.1:9001/2018-06-01/runtime/init/error");
	teardown();
}
END_TEST

START_TEST(an_answer_that_does_not_get_through)
{
	setup();
	answers[0].result = -EIO;
	answers[1].status = 400; /* the first had come through */
	ck_assert_int_eq(lambda_runtime_respond(&runtime, "id-1", "{}", &e), 0);
	ck_assert_uint_eq(asked, 2);
	teardown();
	setup();
	answers[0].result = answers[1].result = answers[2].result = -ECONNREFUSED;
	ck_assert_int_eq(lambda_runtime_respond(&runtime, "id-1", "{}", &e), -EIO);
	ck_assert_uint_eq(asked, 3);
	teardown();
	setup();
	answers[0].status = 413; /* there is none other to give */
	ck_assert_int_eq(lambda_runtime_respond(&runtime, "id-1", "{}", &e), 0);
	ck_assert_uint_eq(asked, 1);
	teardown();
	setup();
	answers[0].status = 500;
	ck_assert_int_eq(lambda_runtime_respond(&runtime, "id-1", "{}", &e), -EIO);
	ck_assert_uint_eq(asked, 1);
	teardown();
}
END_TEST

UNIT(lambda_runtime, an_invocation, one_that_is_none, what_is_too_large_is_known_by_its_name,
    a_response, a_failure, an_answer_that_does_not_get_through);

/* Answers to invocations; what is made of an event is played. */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "clock.h"
#include "lambda_handler.h"
#include "lambda_making.h"
#include "log.h"

#define EVENT(name)                                                                           \
	"{\"account\":\"123456789012\",\"region\":\"eu-west-1\",\"detail\":{\"eventSource\":" \
	"\"ecr.amazonaws.com\",\"eventName\":\"PutImage\",\"errorCode\":"                     \
	"\"RepositoryNotFoundException\",\"requestParameters\":{\"repositoryName\":\"" name   \
	"\"}}}"
#define RECORD(id, name)                                                                  \
	"{\"messageId\":\"" id "\",\"body\":\"{\\\"account\\\":\\\"123456789012\\\","     \
	"\\\"region\\\":\\\"eu-west-1\\\",\\\"detail\\\":{\\\"eventSource\\\":"           \
	"\\\"ecr.amazonaws.com\\\",\\\"eventName\\\":\\\"PutImage\\\",\\\"errorCode\\\":" \
	"\\\"RepositoryNotFoundException\\\",\\\"requestParameters\\\":{"                 \
	"\\\"repositoryName\\\":\\\"" name "\\\"}}}\"}"

static struct config config;
static struct config_registry configured[1];
static struct registry registry = {.host = (char *)"the-host"};
static struct lambda_handler handler;
static struct lambda_answer answer;
static struct registry_choice choice;
static unsigned made;
static int64_t left_ms[8];
static char *metrics;
static size_t metrics_len;

int registry_book_get(struct registry_book *book, const struct registry_choice *of,
    struct registry **ret, struct err *e)
{
	static char host[128];

	choice = *of;
	snprintf(host, sizeof(host), "%s", of->host);
	choice.host = host;
	*ret = &registry;
	return 0;
}

void lambda_make(const struct lambda_making *lambda, const struct creation_request *request,
    struct lambda_outcome *ret)
{
	ck_assert_ptr_eq(request->registry, &registry);
	left_ms[made++] = clock_left_ms(request->deadline_ms);
	ret->result = LAMBDA_CREATED;
	if (strcmp(request->repository, "denied") == 0)
		ret->result = LAMBDA_DENIED;
	if (strcmp(request->repository, "failed") == 0) {
		ret->result = LAMBDA_FAILED;
		ret->reason = "AccessDenied";
		err_set(&ret->why, 0, "played");
	}
}

static void handle(const char *text, int64_t within_ms)
{
	struct lambda_invocation invocation = {.id = "id-1"};

	lambda_answer_finish(&answer);
	answer = (struct lambda_answer){};
	log_setup(LOG_LEVEL_ERROR + 1, LOG_FORMAT_JSON);
	handler.config = &config;
	made = 0;
	free(metrics);
	handler.metrics = open_memstream(&metrics, &metrics_len);
	invocation.too_large = !text;
	if (text)
		str_append_text(&invocation.body, text);
	invocation.deadline_ms = clock_mono_ms() + within_ms;
	lambda_handle(&handler, &invocation, &answer);
	fclose(handler.metrics);
	lambda_invocation_finish(&invocation);
}

static void check_done(const char *text, const char *body)
{
	handle(text, 10000);
	ck_assert(!answer.failed);
	ck_assert_str_eq(str_text(&answer.body), body);
}

static void check_failed(const char *text, int64_t within_ms, const char *type)
{
	handle(text, within_ms);
	ck_assert(answer.failed);
	ck_assert_str_eq(answer.type, type);
	ck_assert_str_ne(answer.message.text, "");
}

START_TEST(one_event)
{
	check_done(EVENT("app"), "{\"result\":\"created\"}");
	ck_assert_str_eq(choice.host, "123456789012.dkr.ecr.eu-west-1.amazonaws.com");
	ck_assert_ptr_null(choice.role_arn);
	ck_assert(left_ms[0] > 9000 && left_ms[0] <= 9500);
	ck_assert_ptr_nonnull(strstr(metrics, "\"Created\":1}\n"));
	check_done(EVENT("denied"), "{\"result\":\"denied\"}");
	check_done("{}", "{\"result\":\"ignored\"}");
	ck_assert_uint_eq(made, 0);
	check_failed(EVENT("failed"), 10000, "EcrUpsertd.AccessDenied");
	ck_assert_ptr_nonnull(strstr(metrics, "\"Reason\":\"AccessDenied\",\"Failed\":1}\n"));
}
END_TEST

START_TEST(what_cannot_be_read)
{
	check_failed("{", 10000, "EcrUpsertd.NotJson");
	check_failed("", 10000, "EcrUpsertd.NotJson");
	check_failed(NULL, 10000, "EcrUpsertd.NotJson");
	ck_assert_ptr_nonnull(strstr(answer.message.text, "larger than"));
}
END_TEST

START_TEST(no_time_is_left)
{
	check_failed(EVENT("app"), 300, "EcrUpsertd.Timeout");
	check_failed(EVENT("app"), -100000, "EcrUpsertd.Timeout");
	ck_assert_uint_eq(made, 0);
}
END_TEST

START_TEST(as_whom_the_configuration_says)
{
	configured[0] = (struct config_registry){
	    .host = (char *)"123456789012.dkr.ecr.eu-west-1.amazonaws.com",
	    .profile = (char *)"a-profile",
	    .role_arn = (char *)"a-role",
	    .external_id = (char *)"an-id",
	    .endpoint = (char *)"http://127.0.0.1:1",
	};
	config.registries = configured;
	config.registries_len = 1;
	check_done(EVENT("app"), "{\"result\":\"created\"}");
	ck_assert_str_eq(choice.role_arn, "a-role");
	ck_assert_str_eq(choice.external_id, "an-id");
	ck_assert_ptr_null(choice.profile);
	ck_assert_ptr_null(choice.endpoint);
	configured[0].host = (char *)"123456789012.dkr.ecr.eu-west-2.amazonaws.com";
	check_done(EVENT("app"), "{\"result\":\"created\"}");
	ck_assert_ptr_null(choice.role_arn);
	config = (struct config){};
}
END_TEST

START_TEST(a_batch)
{
	check_done("{\"Records\":[]}", "{\"batchItemFailures\":[]}");
	check_done(
	    "{\"Records\":[" RECORD("m0", "app") "," RECORD("m1",
		"failed") ","
			  "{\"messageId\":\"m2\",\"body\":\"junk\"}," RECORD("m3", "denied") "]}",
	    "{\"batchItemFailures\":[{\"itemIdentifier\":\"m1\"},{\"itemIdentifier\":\"m2\"}]}");
	ck_assert_uint_eq(made, 3);
	/* Each its share of the 9.5 s, and what others left of theirs. */
	ck_assert(left_ms[0] > 2000 && left_ms[0] <= 2375);
	ck_assert(left_ms[2] > 9000 && left_ms[2] <= 9500);
	check_failed("{\"Records\":[" RECORD("", "failed") "]}", 10000, "EcrUpsertd.Batch");
	check_failed("{\"Records\":[7]}", 10000, "EcrUpsertd.Batch");
	check_done("{\"Records\":[" RECORD("", "app") "]}", "{\"batchItemFailures\":[]}");
}
END_TEST

UNIT(lambda_handler, one_event, what_cannot_be_read, no_time_is_left,
    as_whom_the_configuration_says, a_batch);

#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "lambda_event.h"

#define HEAD                                                                       \
	"\"id\":\"e-1\",\"source\":\"aws.ecr\",\"detail-type\":"                   \
	"\"AWS API Call via CloudTrail\",\"account\":\"123456789012\",\"region\":" \
	"\"us-east-1\",\"detail\":"
#define WHAT                                                                           \
	"\"eventSource\":\"ecr.amazonaws.com\",\"eventName\":\"InitiateLayerUpload\"," \
	"\"errorCode\":\"RepositoryNotFoundException\""
#define WHERE                                                                \
	"\"awsRegion\":\"eu-west-1\",\"requestParameters\":{\"registryId\":" \
	"\"123456789012\",\"repositoryName\":\"team/app\"}"

static struct lambda_event event;

static enum lambda_event_kind read_event(const char *text)
{
	ck_assert_int_eq(lambda_event_read(text, strlen(text), &event), 0);
	return event.kind;
}

static void check_other(const char *text, const char *why)
{
	ck_assert_int_eq(read_event(text), LAMBDA_EVENT_OTHER);
	ck_assert_str_eq(event.why.text, why);
	ck_assert_ptr_null(event.account);
	ck_assert_ptr_null(event.region);
	ck_assert_ptr_null(event.repository);
	lambda_event_finish(&event);
}

START_TEST(a_push_without_its_repository)
{
	ck_assert_int_eq(read_event("{" HEAD "{" WHAT "," WHERE
				    ",\"userIdentity\":{\"arn\":\"arn:aws:sts::123456789012:"
				    "assumed-role/Dev/alice@x\"}}}"),
	    LAMBDA_EVENT_OURS);
	ck_assert_str_eq(event.account, "123456789012");
	ck_assert_str_eq(event.region, "eu-west-1");
	ck_assert_str_eq(event.repository, "team/app");
	ck_assert_str_eq(event.id, "e-1");
	ck_assert_str_eq(event.user, "alice@x");
	lambda_event_finish(&event);
	/* All that must be there. */
	ck_assert_int_eq(
	    read_event("{\"account\":\"123456789012\",\"region\":\"eu-west-1\",\"detail\":{" WHAT
		       ",\"requestParameters\":{\"repositoryName\":\"A b\"}}}"),
	    LAMBDA_EVENT_OURS);
	ck_assert_str_eq(event.region, "eu-west-1");
	ck_assert_str_eq(event.repository, "A b");
	ck_assert_ptr_null(event.id);
	ck_assert_str_eq(event.user, "");
	lambda_event_finish(&event);
}
END_TEST

START_TEST(why_it_is_another)
{
	check_other("{" HEAD "{" WHAT ",\"requestParameters\":{\"registryId\":\"210987654321\","
		    "\"repositoryName\":\"a1\"}}}",
	    "the registry is another account's");
	check_other("{" HEAD "{" WHAT ",\"requestParameters\":{}}}", "it names no repository");
	check_other("{" HEAD "{" WHAT ",\"awsRegion\":\"mars\"," WHERE "}}", "it names no region");
	check_other("{\"detail\":{" WHAT "," WHERE "}}", "it names no account");
	check_other("{" HEAD "{\"eventSource\":\"ecr.amazonaws.com\",\"eventName\":"
		    "\"BatchGetImage\"}}",
	    "it is no call that begins a push");
	check_other("{" HEAD "{\"eventSource\":\"ecr.amazonaws.com\",\"eventName\":\"PutImage\","
		    "\"errorCode\":\"AccessDenied\"}}",
	    "the call did not fail for want of a repository");
	check_other("{\"detail-type\":\"ECR Image Action\",\"detail\":{" WHAT "}}",
	    "it is no API call that CloudTrail saw");
	check_other("{\"source\":\"aws.s3\",\"detail\":{" WHAT "}}", "it is not about ECR");
	check_other("[]", "it is not about ECR");
}
END_TEST

static void check_user(const char *identity, const char *user)
{
	char text[2048];

	snprintf(
	    text, sizeof(text), "{" HEAD "{" WHAT "," WHERE ",\"userIdentity\":%s}}", identity);
	ck_assert_int_eq(read_event(text), LAMBDA_EVENT_OURS);
	ck_assert_str_eq(event.user, user);
	lambda_event_finish(&event);
}

START_TEST(who_pushed)
{
	char longest[600] = "{\"userName\":\"", expected[LAMBDA_USER_SIZE] = "";

	check_user("{\"arn\":\"arn:aws:iam::123456789012:user/dev/bob\"}", "bob");
	check_user("{\"arn\":\"arn:aws:iam::123456789012:root\"}", "root");
	check_user("{\"arn\":7,\"userName\":\"carol\"}", "carol");
	check_user("{\"userName\":\"a,b\\u00e9*\"}", "a_b___");
	check_user("[\"x\"]", "");
	check_user("{}", "");
	memset(longest + strlen(longest), 'x', 500);
	strcat(longest, "\"}");
	memset(expected, 'x', sizeof(expected) - 1);
	check_user(longest, expected);
}
END_TEST

START_TEST(a_batch)
{
	const char *id = "";
	struct lambda_event inner;

	ck_assert_int_eq(
	    read_event("{\"Records\":[{\"messageId\":\"m0\",\"body\":\"{\\\"detail\\\":1}\"},"
		       "{\"messageId\":7,\"body\":\"{\"},{\"messageId\":\"m2\",\"body\":[]},8,"
		       "{\"messageId\":\"m4\",\"body\":\"{\\\"Records\\\":[]}\"}]}"),
	    LAMBDA_EVENT_BATCH);
	ck_assert_uint_eq(lambda_event_records(&event), 5);
	static const struct {
		enum lambda_event_kind kind;
		const char *id;
	} records[] = {{LAMBDA_EVENT_OTHER, "m0"}, {LAMBDA_EVENT_JUNK, NULL},
	    {LAMBDA_EVENT_JUNK, "m2"}, {LAMBDA_EVENT_JUNK, NULL}, {LAMBDA_EVENT_OTHER, "m4"}};
	for (size_t i = 0; i < 5; i++) {
		ck_assert_int_eq(lambda_event_record(&event, i, &inner, &id), 0);
		ck_assert_int_eq(inner.kind, records[i].kind);
		ck_assert_pstr_eq(id, records[i].id);
		ck_assert_str_ne(inner.why.text, "");
		lambda_event_finish(&inner);
	}
	lambda_event_finish(&event);
}
END_TEST

START_TEST(no_json)
{
	static const char *const texts[] = {"", "{", "nothing", "{}{}", "\xff"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		ck_assert_int_eq(read_event(texts[i]), LAMBDA_EVENT_JUNK);
		ck_assert_ptr_nonnull(strstr(event.why.text, "it is no JSON"));
		lambda_event_finish(&event);
	}
}
END_TEST

UNIT(lambda_event, a_push_without_its_repository, why_it_is_another, who_pushed, a_batch, no_json);

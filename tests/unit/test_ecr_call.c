#include "unit.h"

#include "ecr_fixture.h"

START_TEST(the_request)
{
	struct ecr_call call = {&ecr_registry, "DoThis", "team/app", "{\"a\":1}", 0};
	_cleanup_(aws_reply_finish) struct aws_reply reply = {};

	ecr_setup();
	call.deadline_ms = ecr_deadline_ms;
	fake_answer((struct fake_answer){.status = 200, .body = "{\"b\":2}"});
	ck_assert_int_eq(ecr_call(&call, &reply, NULL), ECR_DONE);
	ck_assert_ptr_nonnull(json_get(reply.body, "b"));
	ck_assert_str_eq(headers_get(&fake_asked[0].headers, "X-Amz-Target"),
	    "AmazonEC2ContainerRegistry_V20150921.DoThis");
	ck_assert_str_eq(fake_asked[0].url, "https://api.ecr.eu-west-1.amazonaws.com");
	ck_assert_str_eq(str_text(&fake_asked[0].body), "{\"a\":1}");
	ck_assert_int_eq(fake_asked[0].deadline_ms, ecr_deadline_ms);
	ecr_teardown();
}
END_TEST

START_TEST(refusals)
{
	static const struct {
		const char *code;
		enum ecr_outcome outcome;
		const char *text;
	} cases[] = {
	    {"RepositoryAlreadyExistsException", ECR_ALREADY_EXISTS, ""},
	    {"RepositoryNotFoundException", ECR_NOT_FOUND, ""},
	    {"LimitExceededException", ECR_LIMIT_EXCEEDED, "quota"},
	    {"AccessDeniedException", ECR_ACCESS_DENIED, "lacks ecr:DoThis on arn:aws:ecr:"},
	    {"ThrottlingException", ECR_TRANSIENT, "answers ThrottlingException"},
	    {"ValidationException", ECR_INVALID, "ECR refuses DoThis"},
	    {"UnrecognizedClientException", ECR_NO_CREDENTIALS, "renew them"},
	};
	struct ecr_call call = {&ecr_registry, "DoThis", "team/app", "{}", 0};

	ecr_setup();
	call.deadline_ms = ecr_deadline_ms;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		_cleanup_(aws_reply_finish) struct aws_reply reply = {};
		struct err e = {};

		fake_fetch_reset();
		fake_answer((struct fake_answer){.status = 400, .error_type = cases[i].code});
		ck_assert_int_eq(ecr_call(&call, &reply, &e), cases[i].outcome);
		ck_assert_msg(strstr(e.text, cases[i].text), "%s", e.text);
	}
	ecr_teardown();
}
END_TEST

START_TEST(what_is_not_ecr)
{
	struct ecr_call call = {&ecr_registry, "DoThis", NULL, "{}", 0};
	struct err e = {};

	ck_assert_int_eq(ecr_call_refuse_answer(&call, &e), ECR_TRANSIENT);
	ck_assert_str_eq(e.text,
	    "https://api.ecr.eu-west-1.amazonaws.com does not answer DoThis as ECR does: check "
	    "AWS_ENDPOINT_URL_ECR and the network");
}
END_TEST

UNIT(ecr_call, the_request, refusals, what_is_not_ecr);

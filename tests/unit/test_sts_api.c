#include "unit.h"

#include "fake_fetch.h"
#include "fake_sources.h"
#include "sts_api.h"

static const struct fetcher fetcher;

/* The call against one answer. */
static int ask(struct fake_answer answer, char ret[static AWS_ACCOUNT_SIZE], struct err *e)
{
	_cleanup_(credential_chain_freep) struct credential_chain *chain = NULL;
	_cleanup_(aws_api_freep) struct aws_api *api = NULL;

	fake_env_len = 0;
	fake_setenv("AWS_ACCESS_KEY_ID", "A");
	fake_setenv("AWS_SECRET_ACCESS_KEY", "S");
	ck_assert_int_eq(credential_chain_new(&fake_sources, &chain), 0);
	ck_assert_int_eq(aws_api_new(chain, &fetcher, &api), 0);
	fake_fetch_reset();
	fake_answer(answer);
	return sts_get_caller_account(api, "https://sts.eu-west-1.amazonaws.com", "eu-west-1",
	    clock_mono_ms() + 1000, ret, e);
}

static void check(const char *body, const char *account)
{
	char got[AWS_ACCOUNT_SIZE] = "untouched";
	struct err e = {};
	int r = ask((struct fake_answer){.status = 200, .body = body}, got, &e);

	ck_assert_msg(r == (account ? 0 : -EBADMSG), "%s: %s", body, e.text);
	ck_assert_str_eq(got, account ? account : "untouched");
	if (!account)
		ck_assert_ptr_nonnull(strstr(e.text, "AWS_ENDPOINT_URL_STS"));
	fake_fetch_reset();
}

#define JSON(account)                                                                       \
	"{\"GetCallerIdentityResponse\":{\"GetCallerIdentityResult\":{\"Account\":" account \
	",\"Arn\":\"arn:aws:iam::1:user/x\"}}}"

START_TEST(account_in_json_and_xml)
{
	check(JSON("\"123456789012\""), "123456789012");
	check("<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>a</Arn>"
	      "<Account>000000000001</Account></GetCallerIdentityResult>",
	    "000000000001");
}
END_TEST

START_TEST(what_is_no_account)
{
	static const char *const cases[] = {JSON("123456789012"), JSON("\"12345678901\""),
	    JSON("\"1234567890123\""), JSON("\"12345678901x\""), JSON("\" 12345678901\""), "{}",
	    "[]", "", "<Account>12345678901</Account>", "<Account>1234567890123</Account>",
	    "<Account>12345678901a</Account>", "<Account>123456789012", "<Account></Account>",
	    "123456789012"};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		check(cases[i], NULL);
}
END_TEST

START_TEST(the_request)
{
	char got[AWS_ACCOUNT_SIZE];
	const char *authorization;

	ck_assert_int_eq(
	    ask((struct fake_answer){.status = 200, .body = JSON("\"123456789012\"")}, got, NULL),
	    0);
	ck_assert_str_eq(
	    str_text(&fake_asked[0].body), "Action=GetCallerIdentity&Version=2011-06-15");
	authorization = headers_get(&fake_asked[0].headers, "Authorization");
	ck_assert_ptr_nonnull(strstr(authorization, "/eu-west-1/sts/aws4_request"));
	fake_fetch_reset();
}
END_TEST

START_TEST(refusals)
{
	static const struct {
		struct fake_answer answer;
		int result;
		const char *text;
	} cases[] = {
	    {{.status = 403, .body = "<Code>InvalidClientTokenId</Code>"}, -EACCES,
		"refuses the AWS keys of this daemon"},
	    {{.status = 403,
		 .body = "{\"Error\":{\"Code\":\"SignatureDoesNotMatch\",\"Message\":\"SECRET\"}}"},
		-EACCES, "(SignatureDoesNotMatch)"},
	    {{.status = 503, .body = ""}, -EAGAIN, "answers HTTP 503: try again"},
	    {{.status = 403, .body = "<Code>AccessDenied</Code><Message>no</Message>"}, -EPERM,
		"--registry (AccessDenied: no)"},
	    {{.result = -ETIMEDOUT}, -ETIMEDOUT, "fetch's own text"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char got[AWS_ACCOUNT_SIZE] = "untouched";
		struct err e = {};

		ck_assert_int_eq(ask(cases[i].answer, got, &e), cases[i].result);
		ck_assert_str_eq(got, "untouched");
		ck_assert_msg(strstr(e.text, cases[i].text), "%s", e.text);
		ck_assert_ptr_null(strstr(e.text, "SECRET"));
		fake_fetch_reset();
	}
}
END_TEST

/* The whole answer. */
static void get_caller(struct fake_answer answer, struct sts_caller *ret)
{
	char account[AWS_ACCOUNT_SIZE];
	_cleanup_(credential_chain_freep) struct credential_chain *chain = NULL;
	_cleanup_(aws_api_freep) struct aws_api *api = NULL;

	ck_assert_int_eq(ask(answer, account, NULL), 0);
	ck_assert_int_eq(credential_chain_new(&fake_sources, &chain), 0);
	ck_assert_int_eq(aws_api_new(chain, &fetcher, &api), 0);
	fake_fetch_reset();
	fake_answer(answer);
	ck_assert_int_eq(sts_get_caller(api, "https://sts.eu-west-1.amazonaws.com", "eu-west-1",
			     clock_mono_ms() + 1000, ret, NULL),
	    0);
	ck_assert_str_eq(ret->account, account);
	fake_fetch_reset();
}

START_TEST(the_whole_answer)
{
	struct fake_answer answer = {.status = 200, .body = JSON("\"123456789012\"")};
	_cleanup_(sts_caller_finish) struct sts_caller in_json = {}, in_xml = {};

	get_caller(answer, &in_json);
	ck_assert_str_eq(in_json.arn, "arn:aws:iam::1:user/x");
	ck_assert_int_eq(in_json.clock_offset_s, 0);
	answer.date_off_s = -500;
	answer.body = "<Account>000000000001</Account><Arn>a:b</Arn>";
	get_caller(answer, &in_xml);
	ck_assert_str_eq(in_xml.arn, "a:b");
	ck_assert_int_ge(in_xml.clock_offset_s, -502);
	ck_assert_int_le(in_xml.clock_offset_s, -500);
	sts_caller_finish(&in_xml);
	answer.body = "<Account>000000000001</Account>";
	get_caller(answer, &in_xml);
	ck_assert_ptr_null(in_xml.arn);
}
END_TEST

UNIT(sts_api, the_whole_answer, account_in_json_and_xml, what_is_no_account, the_request, refusals);

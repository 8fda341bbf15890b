#include "unit.h"

#include "fake_fetch.h"
#include "fake_sources.h"
#include "sts_role.h"

#define CREDENTIALS_XML                                                             \
	"<Credentials><AccessKeyId>ASIA1</AccessKeyId>"                             \
	"<SecretAccessKey>s/+=</SecretAccessKey><SessionToken>t/+==</SessionToken>" \
	"<Expiration>2033-05-18T03:33:20Z</Expiration></Credentials>"
#define USER_XML                                                  \
	"<AssumedRoleUser><AssumedRoleId>AROA1:s</AssumedRoleId>" \
	"<Arn>arn:aws:sts::123456789012:assumed-role/r/s</Arn></AssumedRoleUser>"
#define XML                                                                        \
	"<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">" \
	"<AssumeRoleResult>" CREDENTIALS_XML USER_XML "</AssumeRoleResult>"        \
	"</AssumeRoleResponse>"
#define JSON(operation)                                                                 \
	"{\"" operation "Response\":{\"" operation                                      \
	"Result\":{\"Credentials\":{\"AccessKeyId\":\"ASIA1\",\"Expiration\":2.0E9,"    \
	"\"SecretAccessKey\":\"s/+=\",\"SessionToken\":\"t/+==\"},\"AssumedRoleUser\":" \
	"{\"Arn\":\"arn:aws:sts::123456789012:assumed-role/r/s\"}}}}"

static const int64_t expires_s = 2000000000;
static const struct fetcher fetcher;
static const struct sts_role plain = {
    .arn = "arn:aws:iam::123456789012:role/r", .session_name = "s"};

/* The call against one answer; signed unless it is a web identity's. */
static int ask(
    const struct sts_role *role, struct fake_answer answer, struct credentials **ret, struct err *e)
{
	_cleanup_(credential_chain_freep) struct credential_chain *chain = NULL;
	_cleanup_(aws_api_freep) struct aws_api *api = NULL;

	fake_env_len = 0;
	fake_setenv("AWS_ACCESS_KEY_ID", "A");
	fake_setenv("AWS_SECRET_ACCESS_KEY", "S");
	if (!role->web_identity)
		ck_assert_int_eq(credential_chain_new(&fake_sources, &chain), 0);
	ck_assert_int_eq(aws_api_new(chain, &fetcher, &api), 0);
	fake_fetch_reset();
	fake_answer(answer);
	return sts_assume_role(api, "https://sts.eu-west-1.amazonaws.com", "eu-west-1", role,
	    clock_mono_ms() + 1000, ret, e);
}

static void check_read(const struct sts_role *role, const char *body, const char *source)
{
	_cleanup_(credentials_unrefp) struct credentials *credentials = NULL;
	struct err e = {};

	ck_assert_msg(
	    ask(role, (struct fake_answer){.status = 200, .body = body}, &credentials, &e) == 0,
	    "%s", e.text);
	ck_assert_str_eq(credentials->access_key_id, "ASIA1");
	ck_assert_str_eq(credentials->secret_access_key, "s/+=");
	ck_assert_str_eq(credentials->session_token, "t/+==");
	ck_assert_int_eq(credentials->expires_s, expires_s);
	ck_assert_str_eq(credentials->source, source);
	ck_assert_str_eq(credentials->arn, "arn:aws:sts::123456789012:assumed-role/r/s");
	ck_assert_str_eq(credentials->account, "123456789012");
	fake_fetch_reset();
}

START_TEST(xml_and_json)
{
	struct sts_role web = plain;

	web.web_identity = "jwt";
	check_read(&plain, XML, "assume-role");
	check_read(&plain, JSON("AssumeRole"), "assume-role");
	check_read(&web, XML, "assume-role-with-web-identity");
	check_read(&web, JSON("AssumeRoleWithWebIdentity"), "assume-role-with-web-identity");
}
END_TEST

START_TEST(the_request)
{
	const struct sts_role full = {.arn = "arn:aws:iam::123456789012:role/p/r",
	    .session_name = "a=b,c@d",
	    .external_id = "x&y z",
	    .duration_s = 900};
	const struct sts_role web = {.arn = "r", .session_name = "s", .web_identity = "j.w+t/="};
	_cleanup_(credentials_unrefp) struct credentials *first = NULL, *second = NULL;
	const struct fake_answer answer = {.status = 200, .body = XML};

	ck_assert_int_eq(ask(&full, answer, &first, NULL), 0);
	ck_assert_str_eq(str_text(&fake_asked[0].body),
	    "Action=AssumeRole&Version=2011-06-15&RoleArn=arn:aws:iam::123456789012:role/p/r"
	    "&RoleSessionName=a%3Db%2Cc%40d&ExternalId=x%26y%20z&DurationSeconds=900");
	ck_assert_ptr_nonnull(strstr(
	    headers_get(&fake_asked[0].headers, "Authorization"), "/eu-west-1/sts/aws4_request"));
	ck_assert_int_eq(ask(&web, answer, &second, NULL), 0);
	ck_assert_str_eq(str_text(&fake_asked[0].body),
	    "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=r&RoleSessionName=s"
	    "&WebIdentityToken=j.w%2Bt/%3D");
	ck_assert_ptr_null(headers_get(&fake_asked[0].headers, "Authorization"));
	fake_fetch_reset();
}
END_TEST

START_TEST(what_is_no_answer)
{
	static const char *const cases[] = {"", "{}", "<html></html>", "[]",
	    JSON("AssumeRoleWithWebIdentity"),
	    "<AccessKeyId>A</AccessKeyId><SecretAccessKey>S</SecretAccessKey>"
	    "<SessionToken>T</SessionToken>",
	    "<AccessKeyId>A</AccessKeyId><SecretAccessKey>S</SecretAccessKey>"
	    "<SessionToken>T</SessionToken><Expiration>soon</Expiration>",
	    "<AccessKeyId>A B</AccessKeyId><SecretAccessKey>S</SecretAccessKey>"
	    "<SessionToken>T</SessionToken><Expiration>2033-05-18T03:33:20Z</Expiration>"};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct credentials *credentials = NULL;
		struct err e = {};

		ck_assert_int_eq(ask(&plain, (struct fake_answer){.status = 200, .body = cases[i]},
				     &credentials, &e),
		    -EBADMSG);
		ck_assert_ptr_null(credentials);
		ck_assert_msg(strstr(e.text, "AWS_ENDPOINT_URL_STS"), "%s", e.text);
		fake_fetch_reset();
	}
}
END_TEST

/* STS is an hour ahead of us: what lasts an hour there does so here. */
START_TEST(a_wrong_clock)
{
	_cleanup_(credentials_unrefp) struct credentials *credentials = NULL, *near = NULL;

	ck_assert_int_eq(
	    ask(&plain, (struct fake_answer){.status = 200, .body = XML, .date_off_s = 3600},
		&credentials, NULL),
	    0);
	ck_assert_int_ge(credentials->expires_s, expires_s - 3601);
	ck_assert_int_le(credentials->expires_s, expires_s - 3599);
	ck_assert_int_eq(
	    ask(&plain, (struct fake_answer){.status = 200, .body = XML, .date_off_s = 30}, &near,
		NULL),
	    0);
	ck_assert_int_eq(near->expires_s, expires_s);
	fake_fetch_reset();
}
END_TEST

START_TEST(refusals)
{
	static const struct {
		const char *web_identity;
		struct fake_answer answer;
		int result;
		const char *text;
	} cases[] = {
	    {NULL, {.status = 403, .body = "<Code>AccessDenied</Code><Message>not yours</Message>"},
		-EPERM, "does not let us assume arn:aws:iam::123456789012:role/r"},
	    {NULL, {.status = 403, .body = "<Code>InvalidClientTokenId</Code>"}, -EACCES,
		"renew them"},
	    {NULL, {.status = 503, .body = ""}, -EAGAIN, "HTTP 503"},
	    {NULL, {.status = 400, .body = "<Code>ValidationError</Code><Message>no</Message>"},
		-EPERM, "(ValidationError: no)"},
	    {"SECRET", {.status = 400, .body = "<Code>ExpiredTokenException</Code>"}, -EACCES,
		"web identity token"},
	    {"SECRET", {.status = 400, .body = "<Code>InvalidIdentityToken</Code>"}, -EPERM,
		"(InvalidIdentityToken)"},
	    {"SECRET", {.status = 400, .body = "<Code>IDPCommunicationError</Code>"}, -EAGAIN,
		"try again"},
	    {NULL, {.result = -ETIMEDOUT}, -ETIMEDOUT, "fetch's own text"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct credentials *credentials = NULL;
		struct sts_role role = plain;
		struct err e = {};

		role.web_identity = cases[i].web_identity;
		ck_assert_int_eq(ask(&role, cases[i].answer, &credentials, &e), cases[i].result);
		ck_assert_ptr_null(credentials);
		ck_assert_msg(strstr(e.text, cases[i].text), "%s", e.text);
		ck_assert_ptr_null(strstr(e.text, "SECRET"));
		fake_fetch_reset();
	}
}
END_TEST

UNIT(sts_role, xml_and_json, the_request, what_is_no_answer, a_wrong_clock, refusals);

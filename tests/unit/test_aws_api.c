#include "unit.h"

#include "aws_api.h"
#include "fake_fetch.h"
#include "fake_sources.h"
#include "limits.h"
#include "timefmt.h"

static struct credential_chain *chain;
static struct aws_api *api;
static const struct fetcher fetcher;

static const struct aws_call ecr_call = {
    .url = "http://127.0.0.1:4566",
    .region = "eu-west-1",
    .service = "ecr",
    .target = "T.Op",
    .body = "{}",
    .deadline_ms = INT64_MAX,
};

static void write_keys(const char *id)
{
	char text[128];

	snprintf(text, sizeof(text),
	    "[default]\naws_access_key_id=%s\naws_secret_access_key=S\naws_session_token=TOK\n",
	    id);
	fake_home_write(".aws/credentials", text);
}

static void setup(void)
{
	fake_home_make();
	write_keys("AKID");
	fake_fetch_reset();
	ck_assert_int_eq(credential_chain_new(&fake_sources, &chain), 0);
	ck_assert_int_eq(aws_api_new(chain, &fetcher, &api), 0);
}

static void teardown(void)
{
	aws_api_free(api);
	credential_chain_free(chain);
	fake_home_remove();
	fake_fetch_reset();
}

static void check_call(const char *code, size_t fetches)
{
	_cleanup_(aws_reply_finish) struct aws_reply reply = {};
	struct err e = {};

	ck_assert_msg(aws_api_call(api, &ecr_call, &reply, &e) == 0, "%s", e.text);
	ck_assert_pstr_eq(reply.code, code);
	ck_assert_uint_eq(fake_fetches, fetches);
}

static const char *asked(size_t index, const char *name)
{
	return headers_get(&fake_asked[index].headers, name);
}

START_TEST(a_signed_call)
{
	const char *authorization;

	setup();
	fake_answer((struct fake_answer){.status = 200, .body = "{}"});
	check_call(NULL, 1);
	ck_assert_str_eq(fake_asked[0].method, "POST");
	ck_assert_str_eq(fake_asked[0].url, "http://127.0.0.1:4566");
	ck_assert_str_eq(str_text(&fake_asked[0].body), "{}");
	ck_assert_str_eq(asked(0, "Host"), "127.0.0.1:4566");
	ck_assert_str_eq(asked(0, "Content-Type"), "application/x-amz-json-1.1");
	ck_assert_str_eq(asked(0, "X-Amz-Target"), "T.Op");
	ck_assert_str_eq(asked(0, "X-Amz-Security-Token"), "TOK");
	ck_assert_str_eq(asked(0, "User-Agent"), "ecr-upsertd/" ECR_UPSERTD_VERSION);
	authorization = asked(0, "Authorization");
	ck_assert_ptr_nonnull(strstr(authorization, "Credential=AKID/"));
	ck_assert_ptr_nonnull(strstr(authorization, "/eu-west-1/ecr/aws4_request"));
	ck_assert_ptr_nonnull(strstr(authorization,
	    "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target,"));
	teardown();
}
END_TEST

START_TEST(the_query_protocol)
{
	int64_t deadline_ms = clock_mono_ms() + 5000;
	_cleanup_(aws_reply_finish) struct aws_reply reply = {};
	struct aws_call call = ecr_call;

	setup();
	call.target = NULL;
	call.service = "sts";
	call.deadline_ms = deadline_ms;
	fake_answer((struct fake_answer){.status = 200, .body = "<a/>"});
	ck_assert_int_eq(aws_api_call(api, &call, &reply, NULL), 0);
	ck_assert_ptr_null(asked(0, "X-Amz-Target"));
	ck_assert_str_eq(
	    asked(0, "Content-Type"), "application/x-www-form-urlencoded; charset=utf-8");
	ck_assert_str_eq(asked(0, "Accept"), "application/json");
	ck_assert_int_eq(fake_asked[0].deadline_ms, deadline_ms);
	teardown();
}
END_TEST

START_TEST(one_try_has_its_own_limit)
{
	setup();
	fake_answer((struct fake_answer){.status = 200, .body = "{}"});
	check_call(NULL, 1);
	ck_assert_int_le(fake_asked[0].deadline_ms, clock_mono_ms() + LIMIT_API_CALL_MS);
	teardown();
}
END_TEST

static int64_t signed_off_s(size_t index)
{
	char text[TIME_BASIC_SIZE];

	for (int64_t off = -5000; off <= 5000; off++) {
		time_format_basic(clock_wall_s() + off, text);
		if (!strcmp(text, asked(index, "X-Amz-Date")))
			return off;
	}
	return INT64_MAX;
}

START_TEST(a_wrong_clock_is_corrected_and_kept)
{
	setup();
	fake_answer((struct fake_answer){.status = 403,
	    .error_type = "InvalidSignatureException",
	    .body = "{\"message\":\"Signature expired: x\"}",
	    .date_off_s = 3600});
	fake_answer((struct fake_answer){.status = 200, .body = "{}"});
	fake_answer((struct fake_answer){.status = 200, .body = "{}"});
	check_call(NULL, 2);
	ck_assert_int_le(labs(signed_off_s(0)), 1);
	ck_assert_int_le(labs(signed_off_s(1) - 3600), 1);
	ck_assert_int_le(labs(aws_api_now_s(api) - clock_wall_s() - 3600), 1);
	check_call(NULL, 3);
	ck_assert_int_le(labs(signed_off_s(2) - 3600), 1);
	teardown();
}
END_TEST

START_TEST(a_clock_is_corrected_once_a_call)
{
	setup();
	for (int i = 1; i <= 2; i++)
		fake_answer((struct fake_answer){
		    .status = 403, .error_type = "RequestTimeTooSkewed", .date_off_s = 3600 * i});
	check_call("RequestTimeTooSkewed", 2);
	teardown();
}
END_TEST

START_TEST(a_right_clock_is_left_alone)
{
	setup();
	fake_answer((struct fake_answer){
	    .status = 403, .error_type = "SignatureDoesNotMatch", .date_off_s = 30});
	fake_answer((struct fake_answer){.status = 200, .body = "{}"});
	check_call("SignatureDoesNotMatch", 1);
	check_call(NULL, 2);
	ck_assert_int_le(labs(signed_off_s(1)), 1);
	teardown();
}
END_TEST

/* What signs correctly may still be off by minutes. */
START_TEST(every_answer_tells_the_time)
{
	static const int64_t steps[][2] = {
	    {1, 0}, {30, 30}, {31, 30}, {29, 30}, {-5, -5}, {-290, -290}};

	setup();
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		fake_answer(
		    (struct fake_answer){.status = 200, .body = "{}", .date_off_s = steps[i][0]});
		check_call(NULL, i + 1);
		ck_assert_int_le(labs(aws_api_now_s(api) - clock_wall_s() - steps[i][1]), 1);
		ck_assert_int_le(labs(signed_off_s(i)), 1);
	}
	teardown();
}
END_TEST

static void replace_keys(void)
{
	write_keys("AKID2");
}

START_TEST(refused_keys_are_read_anew)
{
	setup();
	fake_answer((struct fake_answer){
	    .status = 400, .error_type = "ExpiredTokenException", .before = replace_keys});
	fake_answer((struct fake_answer){.status = 200, .body = "{}"});
	check_call(NULL, 2);
	ck_assert_ptr_nonnull(strstr(asked(0, "Authorization"), "Credential=AKID/"));
	ck_assert_ptr_nonnull(strstr(asked(1, "Authorization"), "Credential=AKID2/"));
	teardown();
}
END_TEST

START_TEST(the_same_keys_are_not_tried_again)
{
	setup();
	fake_answer(
	    (struct fake_answer){.status = 403, .error_type = "UnrecognizedClientException"});
	fake_answer((struct fake_answer){
	    .status = 403, .error_type = "InvalidClientTokenId", .before = fake_home_remove});
	check_call("UnrecognizedClientException", 1);
	/* Nor is the refusal replaced when there are none any more. */
	check_call("InvalidClientTokenId", 2);
	teardown();
}
END_TEST

START_TEST(clock_and_keys_in_one_call)
{
	setup();
	fake_answer((struct fake_answer){.status = 403,
	    .error_type = "InvalidSignatureException",
	    .date_off_s = -3600,
	    .before = replace_keys});
	fake_answer(
	    (struct fake_answer){.status = 403, .error_type = "UnrecognizedClientException"});
	fake_answer((struct fake_answer){.status = 200, .body = "{}"});
	check_call(NULL, 3);
	ck_assert_ptr_nonnull(strstr(asked(2, "Authorization"), "Credential=AKID2/"));
	ck_assert_int_le(labs(signed_off_s(2) + 3600), 1);
	teardown();
}
END_TEST

START_TEST(other_refusals_are_the_callers)
{
	setup();
	fake_answer((struct fake_answer){.status = 400, .error_type = "ThrottlingException"});
	fake_answer((struct fake_answer){
	    .status = 500, .body = "{\"__type\":\"ServerException\"}", .date_off_s = 9999});
	check_call("ThrottlingException", 1);
	check_call("ServerException", 2);
	teardown();
}
END_TEST

static void check_error(const struct aws_call *call, int result, const char *text)
{
	struct aws_reply reply = {.status = 7};
	struct err e = {};

	ck_assert_int_eq(aws_api_call(api, call, &reply, &e), result);
	ck_assert_uint_eq(reply.status, 7);
	ck_assert_msg(strstr(e.text, text), "%s", e.text);
}

START_TEST(no_answer)
{
	setup();
	fake_answer((struct fake_answer){.result = -ETIMEDOUT});
	check_error(&ecr_call, -ETIMEDOUT, "fetch's own text");
	fake_answer((struct fake_answer){
	    .status = 403, .error_type = "RequestExpired", .date_off_s = 3600});
	fake_answer((struct fake_answer){.result = -ECONNREFUSED});
	check_error(&ecr_call, -ECONNREFUSED, "fetch's own text");
	teardown();
}
END_TEST

START_TEST(nothing_to_sign_with)
{
	struct aws_call call = ecr_call;

	setup();
	call.url = "nowhere";
	check_error(&call, -EINVAL, "cannot sign");
	fake_home_write(".aws/credentials", "[default]\naws_access_key_id=A\n");
	credential_chain_free(chain);
	aws_api_free(api);
	ck_assert_int_eq(credential_chain_new(&fake_sources, &chain), 0);
	ck_assert_int_eq(aws_api_new(chain, &fetcher, &api), 0);
	check_error(&ecr_call, -ENOENT, "aws_secret_access_key");
	fake_home_write(".aws/credentials", "");
	check_error(&ecr_call, -ENOENT, "no AWS credentials");
	ck_assert_uint_eq(fake_fetches, 0);
	teardown();
}
END_TEST

UNIT(aws_api, a_signed_call, the_query_protocol, one_try_has_its_own_limit,
    a_wrong_clock_is_corrected_and_kept, a_clock_is_corrected_once_a_call,
    a_right_clock_is_left_alone, every_answer_tells_the_time, refused_keys_are_read_anew,
    the_same_keys_are_not_tried_again, clock_and_keys_in_one_call, other_refusals_are_the_callers,
    no_answer, nothing_to_sign_with);

#include "unit.h"

#include "ecr_api.h"
#include "ecr_fixture.h"

enum { HALF_DAY_S = 12 * 3600 };

static const struct repository_settings built_in = {
    .image_tag_mutability = (char *)"IMMUTABLE", .scan_on_push = SAID_YES};

static enum ecr_outcome create(struct fake_answer answer, struct err *e)
{
	fake_fetch_reset();
	fake_answer(answer);
	return ecr_create_repository(&ecr_registry, "team/app", &built_in, ecr_deadline_ms, e);
}

START_TEST(the_request_to_create)
{
	ecr_setup();
	ck_assert_int_eq(
	    create((struct fake_answer){.status = 200, .body = "{\"repository\":{}}"}, NULL),
	    ECR_DONE);
	ck_assert_str_eq(headers_get(&fake_asked[0].headers, "X-Amz-Target"),
	    "AmazonEC2ContainerRegistry_V20150921.CreateRepository");
	ck_assert_str_eq(
	    headers_get(&fake_asked[0].headers, "Host"), "api.ecr.eu-west-1.amazonaws.com");
	ck_assert_str_eq(str_text(&fake_asked[0].body),
	    "{\"registryId\":\"123456789012\",\"repositoryName\":\"team/app\","
	    "\"imageTagMutability\":\"IMMUTABLE\","
	    "\"imageScanningConfiguration\":{\"scanOnPush\":true}}");
	ck_assert_int_eq(fake_asked[0].deadline_ms, ecr_deadline_ms);
	ecr_teardown();
}
END_TEST

START_TEST(outcomes_and_their_texts)
{
	static const struct {
		struct fake_answer answer;
		enum ecr_outcome outcome;
		const char *text;
	} cases[] = {
	    {{.status = 400, .error_type = "RepositoryAlreadyExistsException"}, ECR_ALREADY_EXISTS,
		""},
	    {{.status = 400, .error_type = "LimitExceededException"}, ECR_LIMIT_EXCEEDED,
		"quota \"Registered repositories\" raised (LimitExceededException)"},
	    {{.status = 400,
		 .body = "{\"__type\":\"AccessDeniedException\",\"message\":\"User: arn\"}"},
		ECR_ACCESS_DENIED,
		"this AWS identity lacks ecr:CreateRepository on "
		"arn:aws:ecr:eu-west-1:123456789012:repository/team/app: ask an administrator of "
		"account 123456789012 for it (AccessDeniedException: User: arn)"},
	    {{.status = 400,
		 .body = "{\"__type\":\"InvalidParameterException\",\"message\":\"Invalid\"}"},
		ECR_INVALID, "(InvalidParameterException: Invalid)"},
	    {{.status = 400, .error_type = "KmsException"}, ECR_INVALID, "settings"},
	    {{.status = 404}, ECR_INVALID, "check AWS_ENDPOINT_URL_ECR and the network (HTTP 404)"},
	    {{.status = 400, .error_type = "ThrottlingException"}, ECR_TRANSIENT,
		"https://api.ecr.eu-west-1.amazonaws.com answers ThrottlingException"},
	    {{.status = 500, .error_type = "ServerException"}, ECR_UNCLEAR, "ServerException"},
	    {{.status = 502, .body = "<html>"}, ECR_UNCLEAR, "HTTP 502"},
	    {{.result = -ETIMEDOUT}, ECR_UNCLEAR, "fetch's own text"},
	    {{.result = -EMSGSIZE}, ECR_UNCLEAR, "fetch's own text"},
	    {{.status = 200, .body = "<html>"}, ECR_UNCLEAR, "does not answer CreateRepository"},
	    {{.status = 200, .body = "{}"}, ECR_UNCLEAR, "AWS_ENDPOINT_URL_ECR"},
	    {{.status = 400, .error_type = "ExpiredTokenException"}, ECR_NO_CREDENTIALS,
		"renew them"},
	    {{.status = 403,
		 .body = "{\"__type\":\"InvalidSignatureException\",\"message\":\"SECRET\"}"},
		ECR_NO_CREDENTIALS, "(InvalidSignatureException)"},
	};

	ecr_setup();
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct err e = {};

		ck_assert_msg(create(cases[i].answer, &e) == cases[i].outcome, "case %zu", i);
		ck_assert_msg(strstr(e.text, cases[i].text), "%s", e.text);
		ck_assert_ptr_null(strstr(e.text, "SECRET"));
	}
	ecr_teardown();
}
END_TEST

START_TEST(without_keys)
{
	struct err e = {};

	ecr_setup();
	fake_setenv("AWS_ACCESS_KEY_ID", "");
	ck_assert_int_eq(create((struct fake_answer){}, &e), ECR_NO_CREDENTIALS);
	ck_assert_msg(strstr(e.text, "no AWS credentials"), "%s", e.text);
	ck_assert_uint_eq(fake_fetches, 0);
	ecr_teardown();
}
END_TEST

START_TEST(describe)
{
	static const struct {
		struct fake_answer answer;
		enum ecr_outcome outcome;
		double created_at;
	} cases[] = {
	    {{.status = 200, .body = "{\"repositories\":[{\"repositoryName\":\"team/app\"}]}"},
		ECR_DONE, 0},
	    {{.status = 200, .body = "{\"repositories\":[{\"createdAt\":1795423072.492}]}"},
		ECR_DONE, 1795423072.492},
	    {{.status = 200, .body = "{\"repositories\":[]}"}, ECR_TRANSIENT, 0},
	    {{.status = 400, .error_type = "RepositoryNotFoundException"}, ECR_NOT_FOUND, 0},
	    {{.status = 400, .error_type = "AccessDeniedException"}, ECR_ACCESS_DENIED, 0},
	};
	struct err e = {};

	ecr_setup();
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		double created_at = 0;

		fake_fetch_reset();
		fake_answer(cases[i].answer);
		ck_assert_int_eq(ecr_describe_repository(
				     &ecr_registry, "team/app", ecr_deadline_ms, &created_at, &e),
		    cases[i].outcome);
		ck_assert(created_at == cases[i].created_at);
	}
	ck_assert_msg(strstr(e.text, "ecr:DescribeRepositories on arn:"), "%s", e.text);
	ck_assert_str_eq(str_text(&fake_asked[0].body),
	    "{\"registryId\":\"123456789012\",\"repositoryNames\":[\"team/app\"]}");
	ecr_teardown();
}
END_TEST

static enum ecr_outcome get_token(
    const char *token, const char *expires, char **ret, int64_t *ret_expires_s)
{
	_cleanup_str_ struct str body = {};

	ck_assert_int_eq(
	    str_appendf(&body, "{\"authorizationData\":[{\"authorizationToken\":%s%s%s}]}", token,
		expires ? ",\"expiresAt\":" : "", expires ? expires : ""),
	    0);
	fake_fetch_reset();
	fake_answer((struct fake_answer){.status = 200, .body = body.data});
	return ecr_get_authorization_token(
	    &ecr_registry, ecr_deadline_ms, ret, ret_expires_s, NULL);
}

static void check_life(const char *expires, int64_t life_s)
{
	_cleanup_(secret_freep) char *token = NULL;
	int64_t expires_s = 0;

	ck_assert_int_eq(get_token("\"QVdTOng=\"", expires, &token, &expires_s), ECR_DONE);
	ck_assert_str_eq(token, "QVdTOng=");
	ck_assert_msg(labs(expires_s - clock_wall_s() - life_s) <= 1, "%s: %ld", expires,
	    expires_s - clock_wall_s());
}

static void check_life_off(int64_t off_s, int64_t life_s)
{
	char expires[32];

	snprintf(expires, sizeof(expires), "%ld.492", clock_wall_s() + off_s);
	check_life(expires, life_s);
}

START_TEST(token_and_its_life)
{
	ecr_setup();
	check_life_off(1000, 1000);
	check_life_off(HALF_DAY_S - 60, HALF_DAY_S - 60);
	/* Never so short that half of it is no pause. */
	check_life_off(1, 2);
	/* Over, absurd or missing: the usual one. */
	check_life_off(-10, HALF_DAY_S);
	check_life_off(HALF_DAY_S + 60, HALF_DAY_S);
	check_life("1420070400", HALF_DAY_S);
	check_life("1e300", HALF_DAY_S);
	check_life("-1e300", HALF_DAY_S);
	check_life("\"2026-01-02T03:04:05Z\"", HALF_DAY_S);
	check_life(NULL, HALF_DAY_S);
	ck_assert_str_eq(str_text(&fake_asked[0].body), "{}");
	ck_assert_str_eq(headers_get(&fake_asked[0].headers, "X-Amz-Target"),
	    "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken");
	ecr_teardown();
}
END_TEST

START_TEST(life_by_a_wrong_clock)
{
	_cleanup_(secret_freep) char *token = NULL;
	char body[128];
	int64_t expires_s = 0;

	ecr_setup();
	/* AWS's clock is a day ahead of ours. */
	fake_answer((struct fake_answer){
	    .status = 403, .error_type = "InvalidSignatureException", .date_off_s = 86400});
	snprintf(body, sizeof(body),
	    "{\"authorizationData\":[{\"authorizationToken\":\"QQ==\",\"expiresAt\":%ld}]}",
	    clock_wall_s() + 86400 + 1000);
	fake_answer((struct fake_answer){.status = 200, .body = body});
	ck_assert_int_eq(ecr_get_authorization_token(
			     &ecr_registry, clock_mono_ms() + 1000, &token, &expires_s, NULL),
	    ECR_DONE);
	ck_assert_int_le(labs(expires_s - clock_wall_s() - 1000), 2);
	ecr_teardown();
}
END_TEST

START_TEST(a_long_token)
{
	enum { LONG = 64 * 1024 };
	_cleanup_(freep) char *quoted = malloc(LONG + 3);
	_cleanup_(secret_freep) char *token = NULL;
	int64_t expires_s = 0;

	ecr_setup();
	memset(quoted, 'A', LONG + 2);
	quoted[0] = quoted[LONG + 1] = '"';
	quoted[LONG + 2] = '\0';
	ck_assert_int_eq(get_token(quoted, NULL, &token, &expires_s), ECR_DONE);
	ck_assert_uint_eq(strlen(token), LONG);
	ecr_teardown();
}
END_TEST

START_TEST(what_is_no_token)
{
	static const char *const cases[] = {"\"\"", "\"a b\"", "\"a\\r\\nX: y\"", "\"a\\u0000\"",
	    "\"\xc3\xa9\"", "1", "null", "{}", "[\"QQ==\"]"};

	ecr_setup();
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *token = NULL;
		int64_t expires_s = 7;

		ck_assert_msg(
		    get_token(cases[i], NULL, &token, &expires_s) == ECR_TRANSIENT, "%s", cases[i]);
		ck_assert_ptr_null(token);
		ck_assert_int_eq(expires_s, 7);
	}
	ecr_teardown();
}
END_TEST

START_TEST(no_right_to_a_token)
{
	char *token = NULL;
	int64_t expires_s = 0;
	struct err e = {};

	ecr_setup();
	fake_answer((struct fake_answer){.status = 400, .error_type = "AccessDeniedException"});
	ck_assert_int_eq(
	    ecr_get_authorization_token(&ecr_registry, ecr_deadline_ms, &token, &expires_s, &e),
	    ECR_ACCESS_DENIED);
	ck_assert_msg(strstr(e.text, "lacks ecr:GetAuthorizationToken on *:"), "%s", e.text);
	ecr_teardown();
}
END_TEST

START_TEST(an_unknown_partition)
{
	struct registry other;
	struct err e = {};

	ecr_setup();
	other = ecr_registry;
	other.region = (char *)"moon-1";
	fake_answer((struct fake_answer){.status = 400, .error_type = "AccessDeniedException"});
	ck_assert_int_eq(
	    ecr_describe_repository(&other, "a/b", ecr_deadline_ms, NULL, &e), ECR_ACCESS_DENIED);
	ck_assert_msg(strstr(e.text, "arn:aws:ecr:moon-1:"), "%s", e.text);
	ecr_teardown();
}
END_TEST

UNIT(ecr_api, the_request_to_create, outcomes_and_their_texts, without_keys, describe,
    token_and_its_life, life_by_a_wrong_clock, a_long_token, what_is_no_token, no_right_to_a_token,
    an_unknown_partition);

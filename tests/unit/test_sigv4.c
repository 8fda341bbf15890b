#include "unit.h"

#include <errno.h>

#include "sigv4_case.h"

/* 38 published cases; each intermediate is asserted, since that is where a mistake shows. */
START_TEST(published_vectors)
{
	_cleanup_(freep) char *path = NULL;
	unsigned count = 0;
	FILE *file;

	ck_assert_int_gt(asprintf(&path, "%s/data/sigv4_vectors.txt", getenv("UNIT_DIR")), 0);
	file = fopen(path, "r");
	ck_assert_ptr_nonnull(file);
	for (;; count++) {
		_cleanup_(sigv4_case_finish) struct sigv4_case c = {};
		_cleanup_(sigv4_finish) struct sigv4_result result = {};
		const char *name;
		int r = sigv4_case_read(file, &c);

		ck_assert_int_ge(r, 0);
		if (!r)
			break;
		name = str_text(&c.texts[CASE_NAME]);
		ck_assert_msg(sigv4_case_sign(&c, &result) == 0, "%s", name);
		ck_assert_msg(!strcmp(str_text(&result.canonical_request),
				  str_text(&c.texts[CASE_CANONICAL_REQUEST])),
		    "%s: %s", name, str_text(&result.canonical_request));
		ck_assert_msg(!strcmp(str_text(&result.string_to_sign),
				  str_text(&c.texts[CASE_STRING_TO_SIGN])),
		    "%s: %s", name, str_text(&result.string_to_sign));
		ck_assert_msg(!strcmp(result.signature, str_text(&c.texts[CASE_SIGNATURE])),
		    "%s: %s", name, result.signature);
	}
	ck_assert_uint_eq(count, 38);
	fclose(file);
}
END_TEST

static const struct sigv4_key ecr_key = {
    .access_key_id = "AKIDEXAMPLE",
    .secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    .region = "us-east-1",
    .service = "ecr",
    .time_s = 1767323045, /* 2026-01-02T03:04:05Z */
};

static void ecr_headers(const char *target, struct headers *ret)
{
	ck_assert_int_eq(headers_add(ret, "Content-Type", "application/x-amz-json-1.1"), 0);
	ck_assert_int_eq(headers_add(ret, "X-Amz-Target", target), 0);
	ck_assert_int_eq(headers_add(ret, "Host", "api.ecr.us-east-1.amazonaws.com"), 0);
}

/* Both were computed with botocore 1.43.11. */
START_TEST(ecr_create_repository)
{
	_cleanup_headers_ struct headers headers = {};
	_cleanup_(sigv4_finish) struct sigv4_result result = {};
	const char *body = "{\"repositoryName\":\"team/app\"}";
	const struct sigv4_request request = {.method = "POST",
	    .path = "/",
	    .headers = &headers,
	    .body = body,
	    .body_len = strlen(body)};

	ecr_headers("AmazonEC2ContainerRegistry_V20150921.CreateRepository", &headers);
	ck_assert_int_eq(sigv4_sign(&request, &ecr_key, &result), 0);
	ck_assert_str_eq(str_text(&result.canonical_request),
	    "POST\n/\n\ncontent-type:application/x-amz-json-1.1\n"
	    "host:api.ecr.us-east-1.amazonaws.com\nx-amz-date:20260102T030405Z\n"
	    "x-amz-target:AmazonEC2ContainerRegistry_V20150921.CreateRepository\n\n"
	    "content-type;host;x-amz-date;x-amz-target\n"
	    "7044bc5104f9ea3d5ceccdc019ee73945d4c2f36bc8118c4df9586c70ecc643a");
	ck_assert_str_eq(str_text(&result.string_to_sign),
	    "AWS4-HMAC-SHA256\n20260102T030405Z\n20260102/us-east-1/ecr/aws4_request\n"
	    "2cdc641ee35cdb9d4281238054705374a6eb05485e482713446ee5f1d8747859");
	ck_assert_str_eq(
	    result.signature, "8c46c3ac9e5f1caeb95a9e88caaa52ca7f7eaa11a04f5e61ee21909c4a7c7d44");
	ck_assert_uint_eq(result.headers.len, 2);
	ck_assert_str_eq(headers_get(&result.headers, "X-Amz-Date"), "20260102T030405Z");
	ck_assert_str_eq(headers_get(&result.headers, "Authorization"),
	    "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/us-east-1/ecr/aws4_request, "
	    "SignedHeaders=content-type;host;x-amz-date;x-amz-target, "
	    "Signature=8c46c3ac9e5f1caeb95a9e88caaa52ca7f7eaa11a04f5e61ee21909c4a7c7d44");
}
END_TEST

START_TEST(ecr_with_a_session_token)
{
	_cleanup_headers_ struct headers headers = {};
	_cleanup_(sigv4_finish) struct sigv4_result result = {};
	const struct sigv4_request request = {
	    .method = "POST", .path = "", .headers = &headers, .body = "{}", .body_len = 2};
	struct sigv4_key key = ecr_key;

	key.session_token = "SESSIONTOKENEXAMPLE==";
	ecr_headers("AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken", &headers);
	ck_assert_int_eq(sigv4_sign(&request, &key, &result), 0);
	ck_assert_ptr_nonnull(strstr(str_text(&result.string_to_sign),
	    "\n44ee27ff8b1e7a848b65b3439d889ef970506e07c43e795b3c04982295487126"));
	ck_assert_str_eq(
	    result.signature, "bf3cae78532965f2c1e4ca937945aac5f25c525a73668329cd774768432dbbbc");
	ck_assert_str_eq(
	    headers_get(&result.headers, "X-Amz-Security-Token"), "SESSIONTOKENEXAMPLE==");
}
END_TEST

START_TEST(what_cannot_be_signed)
{
	static const struct {
		const char *method, *path, *query, *name, *host;
	} cases[] = {
	    {"", "/", NULL, "A", "Host"},
	    {"GET /", "/", NULL, "A", "Host"},
	    {"GET", "x", NULL, "A", "Host"},
	    {"GET", "/", "%", "A", "Host"},
	    {"GET", "/", NULL, "A", "Hos"},
	    {"GET", "/", NULL, "", "Host"},
	    {"GET", "/", NULL, "a b", "Host"},
	    {"GET", "/", NULL, "a:", "Host"},
	    {"GET", "/", NULL, "a;b", "Host"},
	    {"GET", "/", NULL, "a\x7f", "Host"},
	    {"GET", "/", NULL, "\xc3\xa9", "Host"},
	    {"GET", "/", NULL, "authorization", "Host"},
	    {"GET", "/", NULL, "x-amz-date", "Host"},
	    {"GET", "/", NULL, "x-amz-security-token", "Host"},
	    {"GET", "/", NULL, "x-amz-content-sha256", "Host"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		_cleanup_headers_ struct headers headers = {};
		struct sigv4_result result = {.signature = "untouched"};
		const struct sigv4_request request = {.method = cases[i].method,
		    .path = cases[i].path,
		    .query = cases[i].query,
		    .headers = &headers};

		ck_assert_int_eq(headers_add(&headers, cases[i].name, "v"), 0);
		ck_assert_int_eq(headers_add(&headers, cases[i].host, "h"), 0);
		ck_assert_msg(sigv4_sign(&request, &ecr_key, &result) == -EINVAL, "case %zu", i);
		ck_assert_str_eq(result.signature, "untouched");
	}
}
END_TEST

UNIT(sigv4, published_vectors, ecr_create_repository, ecr_with_a_session_token,
    what_cannot_be_signed);

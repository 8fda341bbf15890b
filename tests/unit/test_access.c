#include "unit.h"

#include <string.h>

#include "access.h"
#include "cleanup.h"
#include "json.h"

static const struct access push = {
    .time_ms = 1767323045678,
    .client = "127.0.0.1:40000",
    .user = "alice",
    .method = "POST",
    .operation = "upload-start",
    .registry = "123456789012.dkr.ecr.eu-west-1.amazonaws.com",
    .repository = "team/app",
    .status = 202,
    .upstream_status = 202,
    .bytes_in = 5000000000,
    .bytes_out = 7,
    .ms = 1234,
    .created = true,
    .retries = 2,
    .reason = "ok",
};

START_TEST(text_is_key_and_value)
{
	_cleanup_str_ struct str line = {};

	ck_assert_int_eq(access_write(&push, LOG_FORMAT_TEXT, &line), 0);
	ck_assert_str_eq(line.data,
	    "2026-01-02T03:04:05.678Z access client=127.0.0.1:40000 user=alice method=POST "
	    "operation=upload-start registry=123456789012.dkr.ecr.eu-west-1.amazonaws.com "
	    "repository=team/app status=202 upstream_status=202 bytes_in=5000000000 bytes_out=7 "
	    "ms=1234 created=true retries=2 reason=ok");
}
END_TEST

START_TEST(text_quotes_and_escapes_what_a_client_sent)
{
	_cleanup_str_ struct str line = {};
	struct access odd = {
	    .method = "A B\"=\\\n",
	    .repository = "",
	    .operation = "x\ny",
	    .user = "\x1b[2J",
	    .reason = "refused",
	    .detail = "a \"word\" status=200",
	};

	ck_assert_int_eq(access_write(&odd, LOG_FORMAT_TEXT, &line), 0);
	ck_assert_str_eq(line.data,
	    "1970-01-01T00:00:00.000Z access client=- user=\\x1b[2J method=\"A B\\\"=\\\\\\n\" "
	    "operation=\"x\\ny\" registry=- repository=\"\" status=0 upstream_status=0 bytes_in=0 "
	    "bytes_out=0 ms=0 created=false retries=0 reason=refused "
	    "detail=\"a \\\"word\\\" status=200\"");
}
END_TEST

START_TEST(json_has_the_keys_of_the_contract)
{
	const char *keys[] = {"time", "client", "user", "method", "operation", "registry",
	    "repository", "status", "upstream_status", "bytes_in", "bytes_out", "ms", "created",
	    "retries", "reason"};
	_cleanup_(json_freep) struct json *root = NULL;
	_cleanup_str_ struct str line = {};

	ck_assert_int_eq(access_write(&push, LOG_FORMAT_JSON, &line), 0);
	ck_assert_int_eq(json_parse(line.data, line.len, &root, NULL), 0);
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		ck_assert_msg(json_get(root, keys[i]) != NULL, "%s", keys[i]);
	ck_assert_ptr_null(json_get(root, "detail"));
	ck_assert_ptr_null(strchr(line.data, '\n'));
	ck_assert_str_eq(json_string(json_get(root, "time")), "2026-01-02T03:04:05.678Z");
	ck_assert_str_eq(json_string(json_get(root, "repository")), "team/app");
	ck_assert_double_eq(json_number(json_get(root, "bytes_in"), 0), 5e9);
	ck_assert_ptr_nonnull(strstr(line.data, "\"created\":true"));
}
END_TEST

START_TEST(json_says_null_where_there_is_nothing)
{
	_cleanup_str_ struct str line = {};
	struct access none = {.detail = "why\n"};

	ck_assert_int_eq(access_write(&none, LOG_FORMAT_JSON, &line), 0);
	ck_assert_str_eq(line.data,
	    "{\"time\":\"1970-01-01T00:00:00.000Z\",\"client\":null,\"user\":null,\"method\":null,"
	    "\"operation\":null,\"registry\":null,\"repository\":null,\"status\":0,"
	    "\"upstream_status\":0,\"bytes_in\":0,\"bytes_out\":0,\"ms\":0,\"created\":false,"
	    "\"retries\":0,\"reason\":null,\"detail\":\"why\\n\"}");
}
END_TEST

UNIT(access, text_is_key_and_value, text_quotes_and_escapes_what_a_client_sent,
    json_has_the_keys_of_the_contract, json_says_null_where_there_is_nothing);

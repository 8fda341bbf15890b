#include "unit.h"

#include <errno.h>
#include <string.h>

#include "status_text.h"

enum { NOW_S = 1767323045 }; /* 2026-01-02T03:04:05Z */

static int text_from(const char *json, struct str *text)
{
	_cleanup_(json_freep) struct json *status = NULL;

	ck_assert_int_eq(json_parse(json, strlen(json), &status, NULL), 0);
	return status_text_write(status, NOW_S, text);
}

START_TEST(says_all_at_one_look)
{
	_cleanup_str_ struct str text = {};

	ck_assert_int_eq(
	    text_from("{\"ready\":true,\"version\":\"1.2.3\",\"uptime_s\":93784,\"registries\":["
		      "{\"host\":\"a.test\",\"identity\":\"arn:aws:sts::1:assumed-role/x/y\","
		      "\"token_expires\":\"2026-01-02T15:05:10.000Z\","
		      "\"credentials_expire\":\"2026-01-02T03:04:04.000Z\",\"last_error\":null},"
		      "{\"host\":\"b.test\",\"identity\":\"env AKIA\",\"token_expires\":null,"
		      "\"credentials_expire\":null,\"last_error\":\"not allowed\"}],"
		      "\"transfers\":[{\"repository\":\"app\",\"operation\":\"upload\","
		      "\"bytes\":1500000,\"total\":3000000,\"seconds\":61.5}],"
		      "\"created\":[{\"registry\":\"a.test\",\"repository\":\"app\",\"rule\":null,"
		      "\"user\":\"alice\",\"time\":\"2026-01-02T03:00:00.000Z\","
		      "\"settings\":{\"imageTagMutability\":\"IMMUTABLE\",\"tags\":[{},{}],"
		      "\"imageScanningConfiguration\":{\"scanOnPush\":true},"
		      "\"encryptionConfiguration\":{\"encryptionType\":\"KMS\"},"
		      "\"lifecycle_policy\":{}}}],"
		      "\"refused\":[{\"registry\":\"a.test\",\"repository\":\"prod/x\","
		      "\"reason\":\"denied by rule no-prod\",\"rule\":\"no-prod\","
		      "\"time\":\"2026-01-02T03:01:00.000Z\",\"remedy\":\"ask them\"},"
		      "{\"registry\":null,\"repository\":\"z.test/x\",\"reason\":\"is not "
		      "served\",\"rule\":null,\"time\":\"2026-01-02T03:00:59.000Z\",\"remedy\":"
		      "null}],"
		      "\"pending\":[{\"registry\":\"a.test\",\"repository\":\"app\","
		      "\"what\":\"lifecycle_policy\",\"attempts\":3,\"last_error\":\"throttled\"}],"
		      "\"budget\":{\"max_per_hour\":100,\"used\":1}}",
		&text),
	    0);
	ck_assert_str_eq(text.data,
	    "ready: ecr-upsertd 1.2.3, up for 1 d 2 h\n"
	    "registries: 2\n"
	    "  a.test\n"
	    "    identity     arn:aws:sts::1:assumed-role/x/y\n"
	    "    credentials  EXPIRED at 2026-01-02T03:04:04.000Z\n"
	    "    token        valid for 12 h 1 min\n"
	    "  b.test\n"
	    "    identity     env AKIA\n"
	    "    credentials  do not expire\n"
	    "    token        NONE\n"
	    "    LAST ERROR   not allowed\n"
	    "transfers under way: 1\n"
	    "  app  upload  1.5 of 3.0 MB, for 1 min 1 s\n"
	    "created, newest first: 1\n"
	    "  2026-01-02T03:00:00.000Z  app in a.test, for alice by no rule\n"
	    "    immutable tags, scan on push, KMS, 2 tags, lifecycle policy\n"
	    "refused, newest first: 2\n"
	    "  2026-01-02T03:01:00.000Z  prod/x in a.test: denied by rule no-prod\n"
	    "    what to do: ask them\n"
	    "  2026-01-02T03:00:59.000Z  z.test/x: is not served\n"
	    "still owed to new repositories: 1\n"
	    "  app in a.test: lifecycle_policy, 3 attempts, last error: throttled\n"
	    "budget: 1 of 100 creations in the last hour\n");
}
END_TEST

START_TEST(a_long_list_is_cut)
{
	_cleanup_str_ struct str json = {}, text = {};

	str_append_text(&json, "{\"ready\":false,\"reason\":\"no token\",\"transfers\":[");
	for (int i = 0; i < 12; i++)
		str_appendf(&json,
		    "%s{\"repository\":\"r%d\",\"operation\":\"blob\",\"bytes\":0,\"total\":null}",
		    i ? "," : "", i);
	str_append_text(&json, "]}");
	ck_assert_int_eq(text_from(json.data, &text), 0);
	ck_assert_ptr_nonnull(
	    strstr(text.data, "NOT READY: ecr-upsertd ?, up for 0 s\n  no token\n"));
	ck_assert_ptr_nonnull(strstr(text.data, "  r9  blob  0.0 MB, for 0 s\n"));
	ck_assert_ptr_null(strstr(text.data, "r10"));
	ck_assert_ptr_nonnull(strstr(text.data, "  … and 2 more (see --json)\n"));
	ck_assert_ptr_nonnull(strstr(text.data, "registries: none\n"));
}
END_TEST

START_TEST(no_name_steers_the_terminal)
{
	_cleanup_str_ struct str text = {};

	ck_assert_int_eq(
	    text_from("{\"ready\":true,\"refused\":[{\"repository\":\"a\\u001b[2J\\nb\"}]}", &text),
	    0);
	ck_assert_ptr_nonnull(strstr(text.data, "  ?  a\\x1b[2J\\nb: ?\n"));
}
END_TEST

START_TEST(something_else_is_refused)
{
	_cleanup_str_ struct str text = {};

	ck_assert_int_eq(text_from("{}", &text), -EBADMSG);
	ck_assert_int_eq(text_from("{\"ready\":\"yes\"}", &text), -EBADMSG);
	ck_assert_int_eq(text_from("[true]", &text), -EBADMSG);
	ck_assert_uint_eq(text.len, 0);
}
END_TEST

UNIT(status_text, says_all_at_one_look, a_long_list_is_cut, no_name_steers_the_terminal,
    something_else_is_refused);

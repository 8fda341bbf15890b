#include "unit.h"

#include <errno.h>
#include <string.h>

#include "creation_record.h"

static const struct creation_record whole = {
    .registry = "123456789012.dkr.ecr.eu-west-1.amazonaws.com",
    .repository = "team/app",
    .rule = "\"quoted\"",
    .user = "alice",
    .time_ms = 1795423072492,
    .settings = "{\"imageTagMutability\":\"MUTABLE\"}",
};

#define WHOLE                                                             \
	"{\"registry\":\"123456789012.dkr.ecr.eu-west-1.amazonaws.com\"," \
	"\"repository\":\"team/app\",\"rule\":\"\\\"quoted\\\"\","        \
	"\"user\":\"alice\",\"time\":\"2026-11-23T08:37:52.492Z\","       \
	"\"settings\":{\"imageTagMutability\":\"MUTABLE\"}}"

START_TEST(writes)
{
	_cleanup_str_ struct str line = {};
	struct creation_record bare = whole;

	ck_assert_int_eq(creation_record_write(&whole, &line), 0);
	ck_assert_str_eq(line.data, WHOLE);
	str_clear(&line);
	bare.rule = bare.user = bare.settings = NULL;
	ck_assert_int_eq(creation_record_write(&bare, &line), 0);
	ck_assert_ptr_nonnull(strstr(line.data, "\"rule\":null,\"user\":null,"));
	ck_assert_ptr_null(strstr(line.data, "settings"));
}
END_TEST

START_TEST(reads)
{
	_cleanup_(json_freep) struct json *root = NULL;
	struct creation_record record = {};

	ck_assert_int_eq(creation_record_read(WHOLE, strlen(WHOLE), &root, &record), 0);
	ck_assert_str_eq(record.registry, whole.registry);
	ck_assert_str_eq(record.repository, "team/app");
	ck_assert_str_eq(record.rule, "\"quoted\"");
	ck_assert_str_eq(record.user, "alice");
	ck_assert_int_eq(record.time_ms / 1000, whole.time_ms / 1000);
}
END_TEST

START_TEST(reads_what_older_versions_wrote)
{
	static const char line[] = "{\"registry\":\"r\",\"repository\":\"a\",\"rule\":null,"
				   "\"user\":null,\"time\":\"2026-01-02T03:04:05Z\"}";
	_cleanup_(json_freep) struct json *root = NULL;
	struct creation_record record = {};

	ck_assert_int_eq(creation_record_read(line, strlen(line), &root, &record), 0);
	ck_assert_str_eq(record.repository, "a");
	ck_assert_ptr_null(record.settings);
}
END_TEST

START_TEST(what_is_none)
{
	static const char *const cases[] = {"", "{", "{}", "[]", "1", "null",
	    "{\"registry\":\"a\",\"repository\":\"b\"}",
	    "{\"registry\":\"a\",\"repository\":\"b\",\"time\":\"yesterday\"}",
	    "{\"registry\":1,\"repository\":\"b\",\"time\":\"2026-01-02T03:04:05Z\"}",
	    "{\"registry\":\"a\",\"time\":\"2026-01-02T03:04:05Z\"}"};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct creation_record record = {.registry = "untouched"};
		struct json *root = NULL;

		ck_assert_int_eq(
		    creation_record_read(cases[i], strlen(cases[i]), &root, &record), -EBADMSG);
		ck_assert_ptr_null(root);
		ck_assert_str_eq(record.registry, "untouched");
	}
}
END_TEST

UNIT(creation_record, writes, reads, reads_what_older_versions_wrote, what_is_none);

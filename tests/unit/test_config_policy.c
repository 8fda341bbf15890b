#include "config_fixture.h"

#include <stdio.h>
#include <unistd.h>

#include "config_policy.h"

static char folder[] = "/tmp/test_config_policy.XXXXXX";

static void read_inline(struct config_reader *reader, const struct json *value, void *target)
{
	config_read_policy(reader, json_get(value, "p"), 20, target);
}

static void read_file(struct config_reader *reader, const struct json *value, void *target)
{
	config_read_policy_file(reader, json_get(value, "p"), 20, target);
}

static void put(const char *name, const char *text, size_t len)
{
	_cleanup_str_ struct str path = {};
	FILE *file;

	ck_assert_int_eq(str_appendf(&path, "%s/%s", folder, name), 0);
	file = fopen(str_text(&path), "w");
	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(text, 1, len, file), len);
	fclose(file);
}

static void take_away(const char *name)
{
	_cleanup_str_ struct str path = {};

	ck_assert_int_eq(str_appendf(&path, "%s/%s", folder, name), 0);
	unlink(str_text(&path));
	rmdir(folder);
}

START_TEST(objects_are_minified)
{
	_cleanup_(freep) char *policy = NULL;

	must_note("{\"p\": { \"a\" : [ 1.50 ] }}", read_inline, &policy, "");
	ck_assert_str_eq(policy, "{\"a\":[1.50]}");
	must_note("{\"p\": [1]}", read_inline, &policy, "c:1:7: p must be an object\n");
	must_note("{\"p\": \"{}\"}", read_inline, &policy, "c:1:7: p must be an object\n");
	must_note("{\"p\": {\"\xc3\xa9\": \"456789012345\"}}", read_inline, &policy, "");
	must_note("\n{\"p\": {\"12345\": \"9012345678901\"}}", read_inline, &policy,
	    "c:2:2: p: 25 characters without blanks are more than the 20 that ECR takes\n");
}
END_TEST

static void must_note_file(const char *text, size_t len, const char *reason)
{
	_cleanup_(freep) char *policy = NULL;
	_cleanup_str_ struct str lines = {};

	fixture_folder = mkdtemp(folder);
	put("policy.json", text, len);
	if (*reason)
		ck_assert_int_eq(
		    str_appendf(&lines, "c:1:2: p: %s/policy.json%s\n", folder, reason), 0);
	must_note("{\"p\": \"policy.json\"}", read_file, &policy, str_text(&lines));
	ck_assert(!policy == !!*reason);
	take_away("policy.json");
	memset(folder + strlen(folder) - 6, 'X', 6);
}

START_TEST(files_are_strict_json)
{
	static const struct {
		const char *text, *reason;
	} cases[] = {{" { \"a\" : 1 }\n", ""}, {"", ":1:1: the text ends before it is complete"},
	    {"{\n // c\n}", ":2:2: no comment is possible here"},
	    {"{\"a\":1,\n\"b\":{\"c\":1,\n\"c\":2}}", ":3:1: key \"c\" is given twice"},
	    {"\n[]", ":2:1: a policy must be an object"}, {"{\"\xff\":1}", ":1:3: invalid UTF-8"}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		must_note_file(cases[i].text, strlen(cases[i].text), cases[i].reason);
}
END_TEST

START_TEST(files_are_bounded)
{
	_cleanup_str_ struct str blanks = {};

	for (size_t i = 0; i < 256 * 1024 - 2; i++)
		ck_assert_int_eq(str_append_text(&blanks, " "), 0);
	ck_assert_int_eq(str_append_text(&blanks, "{}"), 0);
	must_note_file(blanks.data, blanks.len, "");
	ck_assert_int_eq(str_append_text(&blanks, "\n"), 0);
	must_note_file(blanks.data, blanks.len, " is longer than 262144 octets");
}
END_TEST

START_TEST(unreadable_files_are_named)
{
	_cleanup_(freep) char *policy = NULL;

	fixture_folder = "/nonexistent";
	must_note("{\"p\": \"x.json\"}", read_file, &policy,
	    "c:1:2: p: cannot read /nonexistent/x.json: No such file or directory\n");
	must_note("{\"p\": \"/nonexistent\"}", read_file, &policy,
	    "c:1:2: p: cannot read /nonexistent: No such file or directory\n");
	must_note("{\"p\": \"/tmp\"}", read_file, &policy, "c:1:2: p: /tmp is no regular file\n");
	must_note("{\"p\": {}}", read_file, &policy, "c:1:7: p must be a string\n");
	must_note(
	    "{\"p\": \"\"}", read_file, &policy, "c:1:7: p must be a string that is not empty\n");
	ck_assert_ptr_null(policy);
}
END_TEST

UNIT(config_policy, objects_are_minified, files_are_strict_json, files_are_bounded,
    unreadable_files_are_named);

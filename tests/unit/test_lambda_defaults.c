#include "unit.h"

#include <errno.h>
#include <string.h>

#include "lambda_defaults.h"

static const char *mutability, *scan, *tags;
static struct repository_settings defaults;
static struct err e;

static char *get(const char *name)
{
	if (strcmp(name, "IMAGE_TAG_MUTABILITY") == 0)
		return (char *)mutability;
	if (strcmp(name, "REPO_SCAN_ON_PUSH") == 0)
		return (char *)scan;
	return strcmp(name, "REPO_TAGS") == 0 ? (char *)tags : NULL;
}

static int apply(const char *a, const char *b, const char *c)
{
	mutability = a;
	scan = b;
	tags = c;
	return lambda_defaults_apply(get, &defaults, &e);
}

START_TEST(what_is_set_counts)
{
	ck_assert_int_eq(apply("MUTABLE", "false", "{\"a\":\"1\",\"b\":\"${user}\"}"), 0);
	ck_assert_str_eq(defaults.image_tag_mutability, "MUTABLE");
	ck_assert_int_eq(defaults.scan_on_push, SAID_NO);
	ck_assert_uint_eq(defaults.tags_len, 2);
	ck_assert_str_eq(defaults.tags[1].key, "b");
	ck_assert_str_eq(defaults.tags[1].value, "${user}");
	repository_settings_finish(&defaults);
	ck_assert_int_eq(apply("IMMUTABLE", "True", "{}"), 0);
	ck_assert_str_eq(defaults.image_tag_mutability, "IMMUTABLE");
	ck_assert_int_eq(defaults.scan_on_push, SAID_YES);
	repository_settings_finish(&defaults);
}
END_TEST

START_TEST(what_is_not_set_or_empty_does_not)
{
	ck_assert_int_eq(apply(NULL, NULL, NULL), 0);
	ck_assert_int_eq(apply("", "", ""), 0);
	ck_assert_ptr_null(defaults.image_tag_mutability);
	ck_assert_int_eq(defaults.scan_on_push, UNSAID);
	ck_assert_uint_eq(defaults.tags_len, 0);
	repository_settings_finish(&defaults);
}
END_TEST

START_TEST(the_file_stands_over_it)
{
	struct repository_tag tag = {(char *)"a", (char *)"of the file"};
	const struct repository_settings of_file = {
	    .image_tag_mutability = (char *)"IMMUTABLE", .tags = &tag, .tags_len = 1};

	ck_assert_int_eq(repository_settings_merge(&defaults, &of_file), 0);
	ck_assert_int_eq(apply("MUTABLE", "false", "{\"a\":\"1\",\"b\":\"2\"}"), 0);
	ck_assert_str_eq(defaults.image_tag_mutability, "IMMUTABLE");
	ck_assert_int_eq(defaults.scan_on_push, SAID_NO);
	ck_assert_uint_eq(defaults.tags_len, 2);
	ck_assert_str_eq(defaults.tags[0].value, "of the file");
	ck_assert_str_eq(defaults.tags[1].value, "2");
	repository_settings_finish(&defaults);
}
END_TEST

START_TEST(what_is_wrong_is_named)
{
	static const struct {
		const char *mutability, *scan, *tags, *name;
	} cases[] = {
	    {"mutable", NULL, NULL, "IMAGE_TAG_MUTABILITY: "},
	    {"IMMUTABLE_WITH_EXCLUSION", NULL, NULL, "IMAGE_TAG_MUTABILITY: "},
	    {NULL, "perhaps", NULL, "REPO_SCAN_ON_PUSH: "},
	    {NULL, "1", NULL, "REPO_SCAN_ON_PUSH: "},
	    {"MUTABLE", NULL, "a=b", "REPO_TAGS: "},
	    {NULL, NULL, "[]", "REPO_TAGS: "},
	    {NULL, NULL, "{\"a\":1}", "REPO_TAGS: "},
	    {NULL, NULL, "{\"aws:a\":\"b\"}", "REPO_TAGS: "},
	    {NULL, NULL, "{\"a\":\"${who}\"}", "REPO_TAGS: "},
	    {NULL, NULL, "{\"a\":\"${user\"}", "REPO_TAGS: "},
	};

	defaults.scan_on_push = SAID_YES;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		ck_assert_int_eq(apply(cases[i].mutability, cases[i].scan, cases[i].tags), -EINVAL);
		ck_assert_int_eq(strncmp(e.text, cases[i].name, strlen(cases[i].name)), 0);
		ck_assert_int_eq(defaults.scan_on_push, SAID_YES);
		ck_assert_ptr_null(defaults.image_tag_mutability);
	}
	repository_settings_finish(&defaults);
}
END_TEST

UNIT(lambda_defaults, what_is_set_counts, what_is_not_set_or_empty_does_not,
    the_file_stands_over_it, what_is_wrong_is_named);

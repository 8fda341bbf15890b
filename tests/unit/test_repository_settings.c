#include "unit.h"

#include <errno.h>
#include <string.h>

#include "repository_settings.h"
#include "settings_fixture.h"

#define NAMED "{\"registryId\":\"123456789012\",\"repositoryName\":\"team/app\""

static void expect_request(const struct repository_settings *settings, const char *rest)
{
	_cleanup_str_ struct str s = {};

	ck_assert_int_eq(
	    repository_settings_write_request(settings, "123456789012", "team/app", &s), 0);
	ck_assert_int_eq(strncmp(str_text(&s), NAMED, strlen(NAMED)), 0);
	ck_assert_str_eq(str_text(&s) + strlen(NAMED), rest);
}

START_TEST(the_request_by_default)
{
	_cleanup_(repository_settings_finish) struct repository_settings settings = {};

	ck_assert_int_eq(repository_settings_built_in(&settings), 0);
	expect_request(&settings, ",\"imageTagMutability\":\"IMMUTABLE\","
				  "\"imageScanningConfiguration\":{\"scanOnPush\":true}}");
}
END_TEST

START_TEST(the_request_with_everything)
{
	const struct repository_settings settings = {
	    .image_tag_mutability = TEXT("MUTABLE_WITH_EXCLUSION"),
	    FILTERS(TEXT("v*"), TEXT("release-*")),
	    .scan_on_push = SAID_NO,
	    .encryption_type = TEXT("KMS_DSSE"),
	    .kms_key = TEXT("alias/ecr"),
	    TAGS({TEXT("owner"), TEXT("alice")}, {TEXT("empty"), TEXT("")}),
	    .lifecycle_policy = TEXT("{}"),
	    .repository_policy = TEXT("{}"),
	};

	expect_request(&settings, ",\"tags\":[{\"Key\":\"owner\",\"Value\":\"alice\"},"
				  "{\"Key\":\"empty\",\"Value\":\"\"}],"
				  "\"imageTagMutability\":\"MUTABLE_WITH_EXCLUSION\","
				  "\"imageTagMutabilityExclusionFilters\":["
				  "{\"filterType\":\"WILDCARD\",\"filter\":\"v*\"},"
				  "{\"filterType\":\"WILDCARD\",\"filter\":\"release-*\"}],"
				  "\"imageScanningConfiguration\":{\"scanOnPush\":false},"
				  "\"encryptionConfiguration\":{\"encryptionType\":\"KMS_DSSE\","
				  "\"kmsKey\":\"alias/ecr\"}}");
}
END_TEST

START_TEST(what_it_is_given)
{
	const struct repository_settings none = {};
	const struct repository_settings settings = {
	    .scan_on_push = SAID_NO,
	    TAGS({TEXT("owner"), TEXT("alice")}),
	    .lifecycle_policy = TEXT("{\"rules\":[]}"),
	    .repository_policy = TEXT("{}"),
	};
	_cleanup_str_ struct str text = {};

	ck_assert_int_eq(repository_settings_write(&settings, &text), 0);
	ck_assert_str_eq(text.data, "{\"tags\":[{\"Key\":\"owner\",\"Value\":\"alice\"}],"
				    "\"imageScanningConfiguration\":{\"scanOnPush\":false},"
				    "\"lifecycle_policy\":{\"rules\":[]},"
				    "\"repository_policy\":{}}");
	str_clear(&text);
	ck_assert_int_eq(repository_settings_write(&none, &text), 0);
	ck_assert_str_eq(text.data, "{}");
}
END_TEST

START_TEST(what_is_not_said_is_not_sent)
{
	const struct repository_settings none = {};
	const struct repository_settings type = {.encryption_type = TEXT("AES256")};
	const struct repository_settings key = {.kms_key = TEXT("k\"1")};

	expect_request(&none, "}");
	expect_request(&type, ",\"encryptionConfiguration\":{\"encryptionType\":\"AES256\"}}");
	expect_request(&key, ",\"encryptionConfiguration\":{\"encryptionType\":\"KMS\","
			     "\"kmsKey\":\"k\\\"1\"}}");
}
END_TEST

/* The layers one after the other, as the request that comes of them. */
static void expect_merged(const struct repository_settings *layers, size_t len, const char *rest)
{
	_cleanup_(repository_settings_finish) struct repository_settings merged = {};

	for (size_t i = 0; i < len; i++)
		ck_assert_int_eq(repository_settings_merge(&merged, &layers[i]), 0);
	expect_request(&merged, rest);
}
#define EXPECT_MERGED(rest, ...)                                   \
	expect_merged((struct repository_settings[]){__VA_ARGS__}, \
	    sizeof((struct repository_settings[]){__VA_ARGS__}) /  \
		sizeof(struct repository_settings),                \
	    rest)

START_TEST(nothing_said_changes_nothing)
{
	EXPECT_MERGED(",\"tags\":[{\"Key\":\"a\",\"Value\":\"1\"}],"
		      "\"imageTagMutability\":\"IMMUTABLE_WITH_EXCLUSION\","
		      "\"imageTagMutabilityExclusionFilters\":["
		      "{\"filterType\":\"WILDCARD\",\"filter\":\"v*\"}],"
		      "\"imageScanningConfiguration\":{\"scanOnPush\":true},"
		      "\"encryptionConfiguration\":{\"encryptionType\":\"KMS\",\"kmsKey\":\"k\"}}",
	    {.image_tag_mutability = TEXT("IMMUTABLE_WITH_EXCLUSION"),
		FILTERS(TEXT("v*")),
		.scan_on_push = SAID_YES,
		.encryption_type = TEXT("KMS"),
		.kms_key = TEXT("k"),
		TAGS({TEXT("a"), TEXT("1")})},
	    {});
}
END_TEST

START_TEST(tags_are_merged_key_by_key)
{
	EXPECT_MERGED(",\"tags\":[{\"Key\":\"a\",\"Value\":\"1\"},{\"Key\":\"b\",\"Value\":\"3\"},"
		      "{\"Key\":\"B\",\"Value\":\"4\"}]}",
	    {TAGS({TEXT("a"), TEXT("1")}, {TEXT("b"), TEXT("2")})},
	    {TAGS({TEXT("b"), TEXT("3")}, {TEXT("B"), TEXT("4")})});
}
END_TEST

START_TEST(encryption_is_replaced_whole)
{
	EXPECT_MERGED(",\"encryptionConfiguration\":{\"encryptionType\":\"AES256\"}}",
	    {.encryption_type = TEXT("KMS"), .kms_key = TEXT("k")},
	    {.encryption_type = TEXT("AES256")});
	EXPECT_MERGED(",\"encryptionConfiguration\":{\"encryptionType\":\"KMS\"}}",
	    {.encryption_type = TEXT("KMS_DSSE"), .kms_key = TEXT("k")},
	    {.encryption_type = TEXT("KMS")});
}
END_TEST

START_TEST(mutability_takes_its_filters_along)
{
	EXPECT_MERGED(",\"imageTagMutability\":\"MUTABLE\"}",
	    {.image_tag_mutability = TEXT("MUTABLE_WITH_EXCLUSION"), FILTERS(TEXT("v*"))},
	    {.image_tag_mutability = TEXT("MUTABLE")});
	EXPECT_MERGED(",\"imageTagMutability\":\"IMMUTABLE_WITH_EXCLUSION\","
		      "\"imageTagMutabilityExclusionFilters\":["
		      "{\"filterType\":\"WILDCARD\",\"filter\":\"x\"}]}",
	    {.image_tag_mutability = TEXT("MUTABLE_WITH_EXCLUSION"),
		FILTERS(TEXT("v*"), TEXT("w*"))},
	    {.image_tag_mutability = TEXT("IMMUTABLE_WITH_EXCLUSION"), FILTERS(TEXT("x"))});
}
END_TEST

START_TEST(scanning_is_switched_both_ways)
{
	EXPECT_MERGED(",\"imageScanningConfiguration\":{\"scanOnPush\":false}}",
	    {.scan_on_push = SAID_YES}, {.scan_on_push = SAID_NO});
	EXPECT_MERGED(",\"imageScanningConfiguration\":{\"scanOnPush\":true}}",
	    {.scan_on_push = SAID_NO}, {.scan_on_push = SAID_YES});
}
END_TEST

START_TEST(policies_are_replaced_whole)
{
	_cleanup_(repository_settings_finish) struct repository_settings merged = {};
	const struct repository_settings first = {.lifecycle_policy = TEXT("{\"rules\":[]}"),
	    .repository_policy = TEXT("{\"Version\":\"1\"}"),
	    .from_template = SAID_YES};
	const struct repository_settings second = {.lifecycle_policy = TEXT("{}")};

	ck_assert_int_eq(repository_settings_merge(&merged, &first), 0);
	ck_assert_int_eq(repository_settings_merge(&merged, &second), 0);
	ck_assert_str_eq(merged.lifecycle_policy, "{}");
	ck_assert_str_eq(merged.repository_policy, "{\"Version\":\"1\"}");
	ck_assert_int_eq(merged.from_template, SAID_YES);
}
END_TEST

START_TEST(variables_of_values_are_filled_in)
{
	const struct variables variables = {.repository = "team/app", .user = "alice"};
	const struct repository_settings layer = {
	    TAGS({TEXT("by"), TEXT("${user}")}, {TEXT("${user}"), TEXT("${name}!")})};
	_cleanup_(repository_settings_finish) struct repository_settings settings = {};

	ck_assert_int_eq(repository_settings_merge(&settings, &layer), 0);
	ck_assert_int_eq(repository_settings_expand(&settings, &variables), 0);
	expect_request(&settings, ",\"tags\":[{\"Key\":\"by\",\"Value\":\"alice\"},"
				  "{\"Key\":\"${user}\",\"Value\":\"app!\"}]}");
}
END_TEST

static int check_tag(const char *key, const char *value, struct err *e)
{
	const struct repository_settings settings = {TAGS({TEXT(key), TEXT(value)})};

	return repository_settings_check_tags(&settings, e);
}

static const char *times(const char *piece, size_t count)
{
	static char text[1200];

	*text = '\0';
	for (size_t i = 0; i < count; i++)
		strcat(text, piece);
	return text;
}

START_TEST(tags_within_the_limits)
{
	ck_assert_int_eq(check_tag("a", "", NULL), 0);
	ck_assert_int_eq(check_tag("Az 09_.:/=+-@", "Az 09_.:/=+-@", NULL), 0);
	ck_assert_int_eq(check_tag(times("k", 128), "v", NULL), 0);
	ck_assert_int_eq(check_tag("k", times("v", 256), NULL), 0);
	ck_assert_int_eq(check_tag("k", times("é", 256), NULL), 0);
	ck_assert_int_eq(check_tag("laws:", "draws:", NULL), 0);
	ck_assert_int_eq(check_tag("k", "${repository}/${user}", NULL), 0);
	ck_assert_int_eq(check_tag("k", times("${repository}", 60), NULL), 0);
}
END_TEST

static const struct {
	const char *key, *value, *reason;
} bad_tags[] = {
    {"", "v", "without a key"},
    {"aws:x", "v", "aws:"},
    {"AwS:x", "v", "aws:"},
    {"k", "aws:x", "aws:"},
    {"k!", "v", "its key may hold"},
    {"k", "a,b", "its value may hold"},
    {"k", "a\nb", "its value may hold"},
    {"k", "a\tb", "its value may hold"},
    {"k", "\"", "its value may hold"},
    {"k", "\xff", "its value may hold"},
    {"k", "$", "its value may hold"},
    {"k", "${unknown}", "its value may hold"},
};

START_TEST(tags_beyond_the_limits)
{
	struct err e = {};

	for (size_t i = 0; i < sizeof(bad_tags) / sizeof(*bad_tags); i++) {
		ck_assert_int_eq(check_tag(bad_tags[i].key, bad_tags[i].value, &e), -EINVAL);
		ck_assert_msg(strstr(e.text, bad_tags[i].reason), "%s", e.text);
	}
	ck_assert_int_eq(check_tag(times("k", 129), "v", &e), -EINVAL);
	ck_assert_ptr_nonnull(strstr(e.text, "more than 128"));
	ck_assert_int_eq(check_tag("k", times("v", 257), &e), -EINVAL);
	ck_assert_ptr_nonnull(strstr(e.text, "more than 256"));
	ck_assert_int_eq(check_tag("k", times("é", 257), &e), -EINVAL);
}
END_TEST

START_TEST(fifty_tags_and_no_more)
{
	struct repository_tag tags[51];
	struct repository_settings settings = {.tags = tags, .tags_len = 50};
	struct err e = {};

	for (size_t i = 0; i < 51; i++)
		tags[i] = (struct repository_tag){TEXT("k"), TEXT("v")};
	ck_assert_int_eq(repository_settings_check_tags(&settings, &e), 0);
	settings.tags_len = 51;
	ck_assert_int_eq(repository_settings_check_tags(&settings, &e), -EINVAL);
	ck_assert_ptr_nonnull(strstr(e.text, "51"));
}
END_TEST

UNIT(repository_settings, the_request_by_default, the_request_with_everything, what_it_is_given,
    what_is_not_said_is_not_sent, nothing_said_changes_nothing, tags_are_merged_key_by_key,
    encryption_is_replaced_whole, mutability_takes_its_filters_along,
    scanning_is_switched_both_ways, policies_are_replaced_whole, variables_of_values_are_filled_in,
    tags_within_the_limits, tags_beyond_the_limits, fifty_tags_and_no_more);

#include "config_fixture.h"

#include "config_settings.h"

static void must_say(const char *text, const char *lines)
{
	struct repository_settings settings = {};

	must_note(text, config_read_settings, &settings, lines);
	repository_settings_finish(&settings);
}

START_TEST(everything)
{
	struct repository_settings settings = {};

	must_note(
	    "{\"image_tag_mutability\":\"MUTABLE_WITH_EXCLUSION\","
	    "\"image_tag_mutability_exclusion_filters\":[\"v*\",\"1.0\"],\"scan_on_push\":false,"
	    "\"encryption\":{\"type\":\"KMS\",\"kms_key\":\"alias/"
	    "x\"},\"tags\":{\"a\":\"${user}\",\"b\":\"\"},"
	    "\"lifecycle_policy\":{\"rules\":[]},\"repository_policy\":{ "
	    "},\"from\":\"ecr-template\"}",
	    config_read_settings, &settings, "");
	ck_assert_str_eq(settings.image_tag_mutability, "MUTABLE_WITH_EXCLUSION");
	ck_assert_uint_eq(settings.exclusion_filters_len, 2);
	ck_assert_str_eq(settings.exclusion_filters[1], "1.0");
	ck_assert_int_eq(settings.scan_on_push, SAID_NO);
	ck_assert_str_eq(settings.encryption_type, "KMS");
	ck_assert_str_eq(settings.kms_key, "alias/x");
	ck_assert_uint_eq(settings.tags_len, 2);
	ck_assert_str_eq(settings.tags[0].key, "a");
	ck_assert_str_eq(settings.tags[0].value, "${user}");
	ck_assert_str_eq(settings.lifecycle_policy, "{\"rules\":[]}");
	ck_assert_str_eq(settings.repository_policy, "{}");
	ck_assert_int_eq(settings.from_template, SAID_YES);
	repository_settings_finish(&settings);
}
END_TEST

START_TEST(nothing)
{
	struct repository_settings settings = {};

	must_note("{}", config_read_settings, &settings, "");
	ck_assert_ptr_null(settings.image_tag_mutability);
	ck_assert_int_eq(settings.scan_on_push, UNSAID);
	ck_assert_int_eq(settings.from_template, UNSAID);
	must_note("{\"scan_on_push\":true}", config_read_settings, &settings, "");
	ck_assert_int_eq(settings.scan_on_push, SAID_YES);
}
END_TEST

#define ONLY_WITH                                                                \
	"image_tag_mutability_exclusion_filters goes with image_tag_mutability " \
	"MUTABLE_WITH_EXCLUSION or IMMUTABLE_WITH_EXCLUSION\n"
#define EXCLUSION "{\"image_tag_mutability\":\"IMMUTABLE_WITH_EXCLUSION\",\n"

START_TEST(mutability)
{
	must_say("{\"image_tag_mutability\":\"immutable\"}",
	    "c:1:25: image_tag_mutability must be \"MUTABLE\", \"IMMUTABLE\", "
	    "\"MUTABLE_WITH_EXCLUSION\" or \"IMMUTABLE_WITH_EXCLUSION\"\n");
	must_say("{\"image_tag_mutability\":\"MUTABLE_WITH_EXCLUSION\"}",
	    "c:1:25: MUTABLE_WITH_EXCLUSION without image_tag_mutability_exclusion_filters\n");
	must_say("{\"image_tag_mutability\":\"MUTABLE\",\n"
		 "\"image_tag_mutability_exclusion_filters\":[\"v*\"]}",
	    "c:2:1: " ONLY_WITH);
	must_say("{\"image_tag_mutability_exclusion_filters\":[\"v*\"]}", "c:1:2: " ONLY_WITH);
	must_say(EXCLUSION "\"image_tag_mutability_exclusion_filters\":[]}",
	    "c:2:42: image_tag_mutability_exclusion_filters must be a list of 1 to 5 filters\n");
	must_say(EXCLUSION
	    "\"image_tag_mutability_exclusion_filters\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\"]}",
	    "c:2:42: image_tag_mutability_exclusion_filters must be a list of 1 to 5 filters\n");
	must_say(EXCLUSION "\"image_tag_mutability_exclusion_filters\":[\"a\", "
			   "\"a/b\",{\"filter\":\"v*\"}, \"a\"]}",
	    "c:2:48: must be 1 to 128 letters, digits, dots, hyphens, underscores and *\n"
	    "c:2:54: must be a string\n"
	    "c:2:71: image_tag_mutability_exclusion_filters \"a\" is given twice\n");
	must_say(EXCLUSION "\"image_tag_mutability_exclusion_filters\":\"v*\"}",
	    "c:2:42: image_tag_mutability_exclusion_filters must be a list\n");
}
END_TEST

START_TEST(encryption)
{
	must_say("{\"encryption\":{\"type\":\"AES256\"}}", "");
	must_say("{\"encryption\":{\"type\":\"KMS_DSSE\"}}", "");
	must_say("{\"encryption\":{\"type\":\"KMS\",\"kms_key\":"
		 "\"arn:aws:kms:eu-west-1:123456789012:key/1\"}}",
	    "");
	must_say(
	    "{\"encryption\":{\"kms_key\":\"alias/x\"}}", "c:1:15: encryption without a type\n");
	must_say("{\"encryption\":{\"type\":\"aes\"}}",
	    "c:1:23: type must be \"AES256\", \"KMS\" or \"KMS_DSSE\"\n");
	must_say("{\"encryption\":{\"type\":\"AES256\",\"kms_key\":\"alias/x\"}}",
	    "c:1:32: kms_key goes with the types KMS and KMS_DSSE: AES256 has no key\n");
	must_say("{\"encryption\":{\"type\":\"KMS\",\"kms_key\":\"arn:aws:kms:x:1:key/1\"}}",
	    "c:1:39: kms_key must be the ARN of a key or alias, as "
	    "arn:aws:kms:eu-west-1:123456789012:key/ID\n");
	must_say("{\"encryption\":\"KMS\"}", "c:1:15: encryption must be an object\n");
}
END_TEST

START_TEST(tags)
{
	_cleanup_str_ struct str many = {};

	must_say("{\"tags\":{\"a\":\"${usr}\",\"b\":\"${\",\"c\":1,\"aws:d\":\"x\",\"\":\"\"}}",
	    "c:1:14: unknown variable ${usr}: is ${user} meant?\n"
	    "c:1:27: a ${ that no } closes: add one\n"
	    "c:1:36: c must be a string\n"
	    "c:1:38: tag \"aws:d\": AWS keeps what begins with aws: to itself, give another key\n"
	    "c:1:50: a tag without a key: give it one\n");
	must_say(
	    "{\"tags\":{\"a\":\"x\\u0000\"}}", "c:1:14: a must be free of control characters\n");
	must_say("{\"tags\":[]}", "c:1:9: tags must be an object\n");
	for (int i = 0; i < 51; i++)
		ck_assert_int_eq(
		    str_appendf(&many, "%s\"k%d\":\"\"", i ? "," : "{\"tags\":{", i), 0);
	ck_assert_int_eq(str_append_text(&many, "}}"), 0);
	must_say(str_text(&many), "c:1:9: tags must be at most 50 tags\n");
}
END_TEST

START_TEST(policies)
{
	must_say("{\"lifecycle_policy\":{},\n\"lifecycle_policy_file\":\"x\",\"repository_policy_"
		 "file\":1,"
		 "\n\"repository_policy\":[]}",
	    "c:2:1: lifecycle_policy and lifecycle_policy_file: only one of them\n"
	    "c:2:1: lifecycle_policy_file: cannot read /nonexistent/x: No such file or directory\n"
	    "c:2:29: repository_policy and repository_policy_file: only one of them\n"
	    "c:2:54: repository_policy_file must be a string\n"
	    "c:3:21: repository_policy must be an object\n");
	must_say("{\"from\":\"template\"}", "c:1:9: from must be \"ecr-template\"\n");
	must_say("{\"scan_on_push\":\"yes\"}", "c:1:17: scan_on_push must be true or false\n");
}
END_TEST

/* One character more is one too many, for each of the two. */
START_TEST(policies_are_bounded)
{
	static const struct {
		const char *name;
		size_t max;
	} cases[] = {{"lifecycle_policy", 30720}, {"repository_policy", 10240}};

	for (size_t i = 0; i < 2; i++) {
		for (size_t over = 0; over < 2; over++) {
			_cleanup_str_ struct str text = {}, lines = {};
			size_t filling = cases[i].max - strlen("{\"a\":\"\"}") + over;

			ck_assert_int_eq(str_appendf(&text, "{\"%s\":{\"a\":\"%0*d\"}}",
					     cases[i].name, (int)filling, 0),
			    0);
			if (over)
				ck_assert_int_eq(str_appendf(&lines,
						     "c:1:2: %s: %zu characters without blanks are "
						     "more than the %zu that ECR takes\n",
						     cases[i].name, cases[i].max + 1, cases[i].max),
				    0);
			must_say(str_text(&text), str_text(&lines));
		}
	}
}
END_TEST

UNIT(config_settings, everything, nothing, mutability, encryption, tags, policies,
    policies_are_bounded);

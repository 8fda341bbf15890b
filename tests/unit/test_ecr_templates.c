#include "unit.h"

#include "ecr_fixture.h"
#include "ecr_templates.h"

static struct repository_settings settings;

static enum ecr_outcome find(const char *repository, struct err *e)
{
	repository_settings_finish(&settings);
	return ecr_find_creation_template(&ecr_registry, repository, ecr_deadline_ms, &settings, e);
}

static void answer(const char *templates)
{
	static struct str bodies[FAKE_FETCHES];
	struct str *body = &bodies[fake_answers_len];

	str_clear(body);
	ck_assert_int_eq(str_appendf(body, "{\"registryId\":\"123456789012\",%s}", templates), 0);
	fake_answer((struct fake_answer){.status = 200, .body = body->data});
}

/* Told apart by their policy, the prefix as JSON. */
#define T(prefix)      "{\"prefix\":\"" prefix "\",\"lifecyclePolicy\":\"\\\"" prefix "\\\"\"}"
#define POLICY(prefix) "\"" prefix "\""

START_TEST(the_longest_prefix)
{
	static const struct {
		const char *repository, *policy;
	} cases[] = {
	    {"prod/app", POLICY("prod")},
	    {"prod/team/app", POLICY("prod/team/")},
	    {"prod/team", POLICY("prod")},
	    {"production/app", POLICY("ROOT")},
	    {"prod", POLICY("ROOT")},
	    {"x", POLICY("ROOT")},
	};

	ecr_setup();
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		fake_fetch_reset();
		answer("\"repositoryCreationTemplates\":[" T("ROOT") "," T("prod/team/") "," T(
		    "prod") "," T("dev") "]");
		ck_assert_int_eq(find(cases[i].repository, NULL), ECR_DONE);
		ck_assert_str_eq(settings.lifecycle_policy, cases[i].policy);
	}
	ck_assert_str_eq(headers_get(&fake_asked[0].headers, "X-Amz-Target"),
	    "AmazonEC2ContainerRegistry_V20150921.DescribeRepositoryCreationTemplates");
	ck_assert_str_eq(
	    str_text(&fake_asked[0].body), "{\"registryId\":\"123456789012\",\"maxResults\":1000}");
	repository_settings_finish(&settings);
	ecr_teardown();
}
END_TEST

START_TEST(none_fits)
{
	ecr_setup();
	answer("\"repositoryCreationTemplates\":[" T("prod") "]");
	ck_assert_int_eq(find("dev/app", NULL), ECR_NOT_FOUND);
	answer("\"repositoryCreationTemplates\":[]");
	ck_assert_int_eq(find("dev/app", NULL), ECR_NOT_FOUND);
	ecr_teardown();
}
END_TEST

START_TEST(all_its_settings)
{
	ecr_setup();
	answer("\"repositoryCreationTemplates\":[{\"prefix\":\"a\",\"description\":\"d\","
	       "\"encryptionConfiguration\":{\"encryptionType\":\"KMS\",\"kmsKey\":\"k\"},"
	       "\"resourceTags\":[{\"Key\":\"one\",\"Value\":\"1\"},{\"Key\":\"two\",\"Value\":"
	       "\"\"}],\"imageTagMutability\":\"MUTABLE_WITH_EXCLUSION\","
	       "\"imageTagMutabilityExclusionFilters\":[{\"filterType\":\"WILDCARD\",\"filter\":"
	       "\"v*\"}],\"repositoryPolicy\":\"{\\\"p\\\":1}\",\"lifecyclePolicy\":\"{}\","
	       "\"appliedFor\":[\"REPLICATION\"],\"customRoleArn\":\"arn\"}]");
	ck_assert_int_eq(find("a/b", NULL), ECR_DONE);
	ck_assert_str_eq(settings.encryption_type, "KMS");
	ck_assert_str_eq(settings.kms_key, "k");
	ck_assert_uint_eq(settings.tags_len, 2);
	ck_assert_str_eq(settings.tags[0].key, "one");
	ck_assert_str_eq(settings.tags[1].value, "");
	ck_assert_str_eq(settings.image_tag_mutability, "MUTABLE_WITH_EXCLUSION");
	ck_assert_uint_eq(settings.exclusion_filters_len, 1);
	ck_assert_str_eq(settings.exclusion_filters[0], "v*");
	ck_assert_str_eq(settings.repository_policy, "{\"p\":1}");
	ck_assert_str_eq(settings.lifecycle_policy, "{}");
	ck_assert_int_eq(settings.scan_on_push, UNSAID);
	ck_assert_int_eq(settings.from_template, UNSAID);
	repository_settings_finish(&settings);
	ecr_teardown();
}
END_TEST

START_TEST(policies_are_minified)
{
	ecr_setup();
	answer("\"repositoryCreationTemplates\":[{\"prefix\":\"a\",\"lifecyclePolicy\":"
	       "\"{\\n  \\\"rules\\\" : [ 1 ]\\r\\n}\\n\"}]");
	ck_assert_int_eq(find("a/b", NULL), ECR_DONE);
	ck_assert_str_eq(settings.lifecycle_policy, "{\"rules\":[1]}");
	answer("\"repositoryCreationTemplates\":[{\"prefix\":\"a\",\"repositoryPolicy\":\"{\"}]");
	ck_assert_int_eq(find("a/b", NULL), ECR_TRANSIENT);
	ecr_teardown();
}
END_TEST

START_TEST(every_page)
{
	ecr_setup();
	answer("\"repositoryCreationTemplates\":[" T("a/b") "],\"nextToken\":\"t\\\"1\"");
	answer("\"repositoryCreationTemplates\":[],\"nextToken\":\"t2\"");
	answer("\"repositoryCreationTemplates\":[" T("a/b/c") "," T("a") "]");
	ck_assert_int_eq(find("a/b/c/d", NULL), ECR_DONE);
	ck_assert_str_eq(settings.lifecycle_policy, POLICY("a/b/c"));
	ck_assert_str_eq(str_text(&fake_asked[1].body),
	    "{\"registryId\":\"123456789012\",\"maxResults\":1000,\"nextToken\":\"t\\\"1\"}");
	ck_assert_ptr_nonnull(strstr(str_text(&fake_asked[2].body), "\"nextToken\":\"t2\""));
	repository_settings_finish(&settings);
	ecr_teardown();
}
END_TEST

START_TEST(failures)
{
	static const struct {
		struct fake_answer answer;
		enum ecr_outcome outcome;
		const char *text;
	} cases[] = {
	    {{.status = 400, .error_type = "AccessDeniedException"}, ECR_ACCESS_DENIED,
		"lacks ecr:DescribeRepositoryCreationTemplates on *"},
	    {{.status = 400, .error_type = "ThrottlingException"}, ECR_TRANSIENT, "answers"},
	    {{.status = 200, .body = "{}"}, ECR_TRANSIENT, "does not answer"},
	    {{.status = 200, .body = "<html>"}, ECR_TRANSIENT, "does not answer"},
	    {{.status = 200,
		 .body = "{\"repositoryCreationTemplates\":[{\"prefix\":\"a\","
			 "\"resourceTags\":[{\"Key\":1}]}]}"},
		ECR_TRANSIENT, "does not answer"},
	    {{.status = 200,
		 .body = "{\"repositoryCreationTemplates\":[{\"prefix\":\"a\","
			 "\"imageTagMutabilityExclusionFilters\":[7]}]}"},
		ECR_TRANSIENT, "does not answer"},
	};

	ecr_setup();
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct err e = {};

		fake_fetch_reset();
		fake_answer(cases[i].answer);
		ck_assert_msg(find("a/b", &e) == cases[i].outcome, "case %zu", i);
		ck_assert_msg(strstr(e.text, cases[i].text), "%s", e.text);
		ck_assert_ptr_null(settings.tags);
	}
	ecr_teardown();
}
END_TEST

START_TEST(those_that_create_on_push)
{
	struct str prefixes = {};

	ecr_setup();
	answer("\"nextToken\":\"t\",\"repositoryCreationTemplates\":["
	       "{\"prefix\":\"ROOT\",\"appliedFor\":[\"REPLICATION\"]},"
	       "{\"prefix\":\"a\",\"appliedFor\":[\"REPLICATION\",\"CREATE_ON_PUSH\"]}]");
	answer("\"repositoryCreationTemplates\":["
	       "{\"prefix\":\"b/c\",\"appliedFor\":[\"CREATE_ON_PUSH\"]},{\"prefix\":\"d\"}]");
	ck_assert_int_eq(
	    ecr_list_create_on_push(&ecr_registry, ecr_deadline_ms, &prefixes, NULL), ECR_DONE);
	ck_assert_str_eq(str_text(&prefixes), "a, b/c");
	str_finish(&prefixes);
	ecr_teardown();
}
END_TEST

UNIT(ecr_templates, the_longest_prefix, none_fits, all_its_settings, policies_are_minified,
    every_page, failures, those_that_create_on_push);

#include "unit.h"

#include "clock.h"
#include "ecr_fixture.h"
#include "ecr_tags.h"

static bool found;

static enum ecr_outcome ask(const char *body, unsigned status, struct err *e)
{
	enum ecr_outcome outcome;

	ecr_setup();
	fake_answer((struct fake_answer){.status = status, .body = body});
	outcome = ecr_has_tag(
	    &ecr_registry, "team/app", "owed", "id-1", clock_mono_ms() + 1000, &found, e);
	if (outcome == ECR_DONE) {
		ck_assert_str_eq(headers_get(&fake_asked[0].headers, "X-Amz-Target"),
		    "AmazonEC2ContainerRegistry_V20150921.ListTagsForResource");
		ck_assert_str_eq(str_text(&fake_asked[0].body),
		    "{\"resourceArn\":\"arn:aws:ecr:eu-west-1:123456789012:repository/team/app\"}");
	}
	ecr_teardown();
	return outcome;
}

START_TEST(only_the_very_tag_counts)
{
	static const struct {
		const char *body;
		bool found;
	} cases[] = {
	    {"{\"tags\":[{\"Key\":\"a\",\"Value\":\"b\"},{\"Key\":\"owed\",\"Value\":\"id-1\"}]}",
		true},
	    {"{\"tags\":[]}", false},
	    {"{\"tags\":[{\"Key\":\"owed\",\"Value\":\"id-2\"}]}", false},
	    {"{\"tags\":[{\"Key\":\"owe\",\"Value\":\"id-1\"}]}", false},
	    {"{\"tags\":[7,{\"Key\":1,\"Value\":[]},{\"Key\":\"owed\"}]}", false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		found = !cases[i].found;
		ck_assert_int_eq(ask(cases[i].body, 200, NULL), ECR_DONE);
		ck_assert_int_eq(found, cases[i].found);
	}
}
END_TEST

START_TEST(what_is_not_ecr_is_no_answer)
{
	struct err e = {};

	ck_assert_int_eq(ask("{\"tags\":{}}", 200, &e), ECR_TRANSIENT);
	ck_assert_ptr_nonnull(strstr(e.text, "does not answer ListTagsForResource"));
	ck_assert_int_eq(ask("<html>", 200, &e), ECR_TRANSIENT);
}
END_TEST

START_TEST(a_refusal_names_the_right)
{
	struct err e = {};

	ck_assert_int_eq(ask("{\"__type\":\"AccessDeniedException\"}", 400, &e), ECR_ACCESS_DENIED);
	ck_assert_ptr_nonnull(strstr(e.text, "lacks ecr:ListTagsForResource on arn:aws:ecr:"));
}
END_TEST

START_TEST(a_tag_is_taken_off)
{
	struct err e = {};

	ecr_setup();
	fake_answer((struct fake_answer){.status = 200, .body = "{}"});
	fake_answer((struct fake_answer){.status = 200, .body = "welcome"});
	ck_assert_int_eq(
	    ecr_remove_tag(&ecr_registry, "team/app", "owed", clock_mono_ms() + 1000, NULL),
	    ECR_DONE);
	ck_assert_str_eq(headers_get(&fake_asked[0].headers, "X-Amz-Target"),
	    "AmazonEC2ContainerRegistry_V20150921.UntagResource");
	ck_assert_str_eq(str_text(&fake_asked[0].body),
	    "{\"resourceArn\":\"arn:aws:ecr:eu-west-1:123456789012:repository/team/app\","
	    "\"tagKeys\":[\"owed\"]}");
	ck_assert_int_eq(
	    ecr_remove_tag(&ecr_registry, "team/app", "owed", clock_mono_ms() + 1000, &e),
	    ECR_TRANSIENT);
	ck_assert_ptr_nonnull(strstr(e.text, "does not answer UntagResource"));
	ecr_teardown();
}
END_TEST

UNIT(ecr_tags, only_the_very_tag_counts, what_is_not_ecr_is_no_answer, a_refusal_names_the_right,
    a_tag_is_taken_off);

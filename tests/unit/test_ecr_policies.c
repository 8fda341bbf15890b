#include "unit.h"

#include "ecr_fixture.h"
#include "ecr_policies.h"

START_TEST(lifecycle)
{
	ecr_setup();
	fake_answer((struct fake_answer){.status = 200, .body = "{\"lifecyclePolicyText\":\"x\"}"});
	ck_assert_int_eq(ecr_put_lifecycle_policy(
			     &ecr_registry, "team/app", "{\"rules\":[]}", ecr_deadline_ms, NULL),
	    ECR_DONE);
	ck_assert_str_eq(headers_get(&fake_asked[0].headers, "X-Amz-Target"),
	    "AmazonEC2ContainerRegistry_V20150921.PutLifecyclePolicy");
	ck_assert_str_eq(str_text(&fake_asked[0].body),
	    "{\"registryId\":\"123456789012\",\"repositoryName\":\"team/app\","
	    "\"lifecyclePolicyText\":\"{\\\"rules\\\":[]}\"}");
	ecr_teardown();
}
END_TEST

START_TEST(repository)
{
	ecr_setup();
	fake_answer((struct fake_answer){.status = 200, .body = "{\"policyText\":\"x\"}"});
	ck_assert_int_eq(
	    ecr_set_repository_policy(&ecr_registry, "team/app", "{}", ecr_deadline_ms, NULL),
	    ECR_DONE);
	ck_assert_str_eq(headers_get(&fake_asked[0].headers, "X-Amz-Target"),
	    "AmazonEC2ContainerRegistry_V20150921.SetRepositoryPolicy");
	ck_assert_str_eq(str_text(&fake_asked[0].body),
	    "{\"registryId\":\"123456789012\",\"repositoryName\":\"team/app\","
	    "\"policyText\":\"{}\"}");
	ecr_teardown();
}
END_TEST

START_TEST(refused)
{
	struct err e = {};

	ecr_setup();
	fake_answer((struct fake_answer){.status = 400, .error_type = "AccessDeniedException"});
	ck_assert_int_eq(
	    ecr_put_lifecycle_policy(&ecr_registry, "team/app", "{}", ecr_deadline_ms, &e),
	    ECR_ACCESS_DENIED);
	ck_assert_ptr_nonnull(strstr(e.text, "lacks ecr:PutLifecyclePolicy on arn:"));
	ecr_teardown();
}
END_TEST

START_TEST(what_is_not_ecr)
{
	struct err e = {};

	ecr_setup();
	fake_answer((struct fake_answer){.status = 200, .body = "{\"welcome\":1}"});
	ck_assert_int_eq(
	    ecr_set_repository_policy(&ecr_registry, "team/app", "{}", ecr_deadline_ms, &e),
	    ECR_TRANSIENT);
	ck_assert_ptr_nonnull(strstr(e.text, "does not answer SetRepositoryPolicy"));
	ecr_teardown();
}
END_TEST

UNIT(ecr_policies, lifecycle, repository, refused, what_is_not_ecr);

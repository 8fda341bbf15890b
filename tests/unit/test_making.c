#include "unit.h"

#include <errno.h>
#include <string.h>

#include "clock.h"
#include "log.h"
#include "making.h"

static struct registry registry = {.host = (char *)"registry.example"};
static const struct creation_request request = {.registry = &registry, .repository = "team/app"};
static struct creation_context context;
static struct oci_error refusal;
static struct making making = {.context = &context, .request = &request, .refusal = &refusal};

START_TEST(ecrs_refusals_and_which_are_remembered)
{
	static const struct {
		enum ecr_outcome outcome;
		unsigned status;
		bool remembered;
		const char *remedy;
	} cases[] = {
	    {ECR_TRANSIENT, 504, false, "Push again"},
	    {ECR_NO_CREDENTIALS, 403, false, "Renew the AWS credentials"},
	    {ECR_INVALID, 400, true, "ecr-upsertd plan"},
	    {ECR_LIMIT_EXCEEDED, 403, true, "have the quota"},
	    {ECR_ACCESS_DENIED, 403, true, "Have ecr:CreateRepository given"},
	};
	const struct err why = {.text = "the reason"};

	log_setup(LOG_LEVEL_ERROR, LOG_FORMAT_TEXT);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		_cleanup_str_ struct str listed = {};
		struct oci_error remembered;

		ck_assert_int_eq(refusals_new(&context.refusals), 0);
		ck_assert_int_eq(making_refuse(&making, cases[i].outcome, &why), -EPERM);
		ck_assert_uint_eq(refusal.status, cases[i].status);
		ck_assert_ptr_nonnull(strstr(refusal.message, "registry.example"));
		ck_assert_ptr_nonnull(strstr(refusal.message, "the reason"));
		ck_assert_int_eq(refusals_find(context.refusals, "registry.example", "team/app",
				     clock_wall_ms(), &remembered),
		    cases[i].remembered);
		ck_assert_int_eq(refusals_write(context.refusals, &listed), 0);
		ck_assert_msg(strstr(listed.data, cases[i].remedy), "%s", listed.data);
		refusals_free(context.refusals);
	}
}
END_TEST

START_TEST(out_of_memory_is_for_later)
{
	ck_assert_int_eq(making_out_of_memory(&making), -EPERM);
	ck_assert_uint_eq(refusal.status, 504);
	ck_assert_str_eq(making_host(&making), "registry.example");
	making_finish(&making);
}
END_TEST

UNIT(making, ecrs_refusals_and_which_are_remembered, out_of_memory_is_for_later);

#include "unit.h"

#include <errno.h>

#include "lambda_budget.h"

static struct lambda_budget budget;

START_TEST(as_many_as_an_hour_may_have)
{
	ck_assert_int_eq(lambda_budget_take(&budget, 2, 1000), 0);
	ck_assert_int_eq(lambda_budget_take(&budget, 2, 2000), 0);
	ck_assert_int_eq(lambda_budget_take(&budget, 2, 1000 + LAMBDA_BUDGET_HOUR_MS - 1), -EDQUOT);
	/* The first is an hour old, the second is not. */
	ck_assert_int_eq(lambda_budget_take(&budget, 2, 1000 + LAMBDA_BUDGET_HOUR_MS), 0);
	ck_assert_int_eq(lambda_budget_take(&budget, 2, 1001 + LAMBDA_BUDGET_HOUR_MS), -EDQUOT);
	lambda_budget_finish(&budget);
}
END_TEST

START_TEST(what_was_none_is_given_back)
{
	for (int i = 0; i < 5; i++) {
		ck_assert_int_eq(lambda_budget_take(&budget, 1, i), 0);
		ck_assert_int_eq(lambda_budget_take(&budget, 1, i), -EDQUOT);
		lambda_budget_give_back(&budget);
	}
	lambda_budget_finish(&budget);
}
END_TEST

START_TEST(it_stays_as_small_as_its_hour)
{
	for (int64_t i = 0; i < 100000; i++)
		ck_assert_int_eq(
		    lambda_budget_take(&budget, 100, i * (LAMBDA_BUDGET_HOUR_MS / 100)), 0);
	ck_assert_uint_le(budget.cap, 200);
	lambda_budget_finish(&budget);
}
END_TEST

UNIT(lambda_budget, as_many_as_an_hour_may_have, what_was_none_is_given_back,
    it_stays_as_small_as_its_hour);

#include "unit.h"

#include "ecr_token.h"

START_TEST(lives_as_long_as_somebody_holds_it)
{
	struct ecr_token *token = NULL, *other;

	ck_assert_int_eq(ecr_token_new("QVdTOng=", 1000, &token), 0);
	ck_assert_str_eq(token->authorization, "Basic QVdTOng=");
	other = ecr_token_ref(token);
	ecr_token_unref(token);
	ck_assert_str_eq(other->authorization, "Basic QVdTOng=");
	ecr_token_unref(other);
	ecr_token_unref(NULL);
}
END_TEST

START_TEST(is_valid_until_it_expires)
{
	_cleanup_(ecr_token_unrefp) struct ecr_token *token = NULL;

	ck_assert_int_eq(ecr_token_new("QVdTOng=", 1000, &token), 0);
	ck_assert(ecr_token_is_valid(token, 999));
	ck_assert(!ecr_token_is_valid(token, 1000));
	ck_assert(!ecr_token_is_valid(NULL, 0));
	ck_assert_int_eq(ecr_token_half_life_ms(token, 900), 50000);
	ck_assert_int_eq(ecr_token_half_life_ms(token, 2000), 0);
}
END_TEST

UNIT(ecr_token, lives_as_long_as_somebody_holds_it, is_valid_until_it_expires);

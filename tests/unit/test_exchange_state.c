#include "unit.h"

#include <errno.h>

#include "exchange_state.h"

START_TEST(a_refusal_is_what_the_access_line_tells)
{
	struct exchange x = {};

	oci_error_set(&x.refusal, 403, "DENIED", "no");
	ck_assert_int_eq(exchange_refuse(&x, "not-created"), -EPERM);
	ck_assert_str_eq(x.access.reason, "not-created");
	ck_assert_str_eq(x.access.detail, "no");
}
END_TEST

UNIT(exchange_state, a_refusal_is_what_the_access_line_tells);

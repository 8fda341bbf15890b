#include "unit.h"

#include <errno.h>

#include "number.h"

START_TEST(digits)
{
	int64_t number;

	ck_assert_int_eq(number_parse("0", 0, &number), 0);
	ck_assert_int_eq(number, 0);
	ck_assert_int_eq(number_parse("0065", 65, &number), 0);
	ck_assert_int_eq(number, 65);
	ck_assert_int_eq(number_parse("9223372036854775807", INT64_MAX, &number), 0);
	ck_assert_int_eq(number, INT64_MAX);
}
END_TEST

START_TEST(what_is_none)
{
	const char *bad[] = {
	    "", " 1", "1 ", "+1", "-1", "0x1", "1.0", "66", "9223372036854775808", "x"};
	int64_t number = -7;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_msg(number_parse(bad[i], 65, &number) == -EINVAL, "%s", bad[i]);
	ck_assert_int_eq(number_parse("9223372036854775808", INT64_MAX, &number), -EINVAL);
	ck_assert_int_eq(number, -7);
}
END_TEST

UNIT(number, digits, what_is_none);

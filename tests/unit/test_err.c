#include "unit.h"

#include <errno.h>
#include <string.h>

#include "err.h"

START_TEST(writes_the_text_and_returns_the_code)
{
	struct err e = {};

	ck_assert_int_eq(err_set(&e, -ENOENT, "no %s", "file"), -ENOENT);
	ck_assert_str_eq(e.text, "no file");
}
END_TEST

START_TEST(cuts_what_does_not_fit)
{
	char longer[2 * ERR_TEXT_MAX] = {};
	struct err e = {};

	memset(longer, 'x', sizeof(longer) - 1);
	ck_assert_int_eq(err_set(&e, -EINVAL, "%s", longer), -EINVAL);
	ck_assert_uint_eq(strlen(e.text), ERR_TEXT_MAX - 1);
}
END_TEST

START_TEST(takes_no_text)
{
	ck_assert_int_eq(err_set(NULL, -EIO, "unread"), -EIO);
}
END_TEST

UNIT(err, writes_the_text_and_returns_the_code, cuts_what_does_not_fit, takes_no_text);

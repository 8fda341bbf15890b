#include "unit.h"

#include <errno.h>

#include "may_connect.h"

static char alice[] = "no-such-user", number[] = "4294967290";
static char *list[] = {alice, number, NULL}, *none[] = {NULL};

START_TEST(without_a_list_everybody_may)
{
	ck_assert_int_eq(may_connect(NULL, NULL, NULL), 0);
	ck_assert_int_eq(may_connect(NULL, &(uid_t){4294967291U}, NULL), 0);
}
END_TEST

START_TEST(who_is_listed_may)
{
	ck_assert_int_eq(may_connect(list, &(uid_t){4294967290U}, NULL), 0);
}
END_TEST

START_TEST(others_hear_who_may_and_where_it_is_said)
{
	struct oci_error refusal = {};

	ck_assert_int_eq(may_connect(list, &(uid_t){4294967291U}, &refusal), -EPERM);
	ck_assert_uint_eq(refusal.status, 403);
	ck_assert_str_eq(refusal.code, "DENIED");
	ck_assert_str_eq(refusal.message,
	    "user 4294967291 may not use this ecr-upsertd: allow_users of its configuration lets "
	    "in no-such-user, 4294967290");
	ck_assert_int_eq(may_connect(none, &(uid_t){4294967291U}, &refusal), -EPERM);
	ck_assert_str_eq(refusal.message,
	    "user 4294967291 may not use this ecr-upsertd: allow_users of its configuration lets "
	    "in no one");
}
END_TEST

START_TEST(who_cannot_be_told_may_not)
{
	struct oci_error refusal = {};

	ck_assert_int_eq(may_connect(list, NULL, &refusal), -EPERM);
	ck_assert_uint_eq(refusal.status, 403);
}
END_TEST

UNIT(may_connect, without_a_list_everybody_may, who_is_listed_may,
    others_hear_who_may_and_where_it_is_said, who_cannot_be_told_may_not);

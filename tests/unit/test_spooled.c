#include "unit.h"

#include <errno.h>

#include "spooled.h"

static struct spooled whole(void)
{
	return (struct spooled){
	    .registry = (char *)"r",
	    .repository = (char *)"team/app",
	    .rule = (char *)"cache",
	    .user = (char *)"alice",
	    .time_ms = 1795423072492,
	    .aws_time_s = 1795423070,
	    .lifecycle_policy = (char *)"{\"rules\":[]}",
	    .repository_policy = (char *)"{\"Statement\":\"\\n\"}",
	    .settings = (char *)"{\"tags\":[{\"Key\":\"a\",\"Value\":\"b\"}]}",
	    .owed = {true, true, true, true},
	};
}

START_TEST(as_it_was_written)
{
	const struct spooled from = whole();
	_cleanup_(spooled_finish) struct spooled to = {};
	_cleanup_str_ struct str text = {}, again = {};

	ck_assert_int_eq(spooled_write(&from, &text), 0);
	ck_assert_int_eq(spooled_read(text.data, text.len, &to), 0);
	ck_assert_int_eq(spooled_write(&to, &again), 0);
	ck_assert_str_eq(text.data, again.data);
	ck_assert_str_eq(to.repository_policy, from.repository_policy);
	ck_assert_str_eq(to.settings, from.settings);
	ck_assert_int_eq(to.time_ms, from.time_ms);
	ck_assert_int_eq(to.aws_time_s, from.aws_time_s);
	for (size_t i = 0; i < FOLLOW_UPS; i++)
		ck_assert(to.owed[i]);
}
END_TEST

START_TEST(what_was_done)
{
	struct spooled from = whole();
	_cleanup_(spooled_finish) struct spooled to = {};
	_cleanup_str_ struct str text = {};

	from.rule = from.user = from.repository_policy = from.settings = NULL;
	from.owed[FOLLOW_UP_ASK] = from.owed[FOLLOW_UP_RECORD] = from.owed[FOLLOW_UP_POLICY] =
	    false;
	ck_assert_int_eq(spooled_write(&from, &text), 0);
	ck_assert_int_eq(spooled_read(text.data, text.len, &to), 0);
	ck_assert_ptr_null(to.rule);
	ck_assert_ptr_null(to.user);
	ck_assert_ptr_null(to.repository_policy);
	ck_assert_ptr_null(to.settings);
	ck_assert(to.owed[FOLLOW_UP_ASK]); /* always */
	ck_assert(!to.owed[FOLLOW_UP_RECORD]);
	ck_assert(to.owed[FOLLOW_UP_LIFECYCLE]);
	ck_assert(!to.owed[FOLLOW_UP_POLICY]);
}
END_TEST

START_TEST(every_prefix_is_refused)
{
	const struct spooled from = whole();
	_cleanup_str_ struct str text = {};

	ck_assert_int_eq(spooled_write(&from, &text), 0);
	for (size_t len = 0; len + 1 < text.len; len++) {
		struct spooled to = {};

		ck_assert_int_eq(spooled_read(text.data, len, &to), -EBADMSG);
		ck_assert_ptr_null(to.registry);
	}
}
END_TEST

START_TEST(what_is_none)
{
	static const char *const cases[] = {"null", "[]", "{}", "\"x\"",
	    "{\"registry\":\"r\",\"repository\":\"a\",\"owed\":[]}",
	    "{\"registry\":\"r\",\"repository\":\"a\",\"time_ms\":-1,\"aws_time_s\":1}",
	    "{\"registry\":\"r\",\"repository\":\"a\",\"time_ms\":\"1\",\"aws_time_s\":1}",
	    "{\"registry\":1,\"repository\":\"a\",\"time_ms\":1,\"aws_time_s\":1}",
	    "{\"registry\":\"r\",\"repository\":\"a\",\"time_ms\":1e300,\"aws_time_s\":1}",
	    "{\"registry\":\"r\",\"repository\":\"a\",\"time_ms\":1,\"aws_time_s\":1,"
	    "\"owed\":[\"lifecycle\"]}",
	    "{\"registry\":\"r\",\"repository\":\"a\",\"time_ms\":1,\"aws_time_s\":1,"
	    "\"owed\":[\"something\"]}",
	    "{\"registry\":\"r\",\"repository\":\"a\",\"time_ms\":1,\"aws_time_s\":1,"
	    "\"owed\":[1]}"};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct spooled to = {};

		ck_assert_msg(
		    spooled_read(cases[i], strlen(cases[i]), &to) == -EBADMSG, "%s", cases[i]);
	}
}
END_TEST

UNIT(spooled, as_it_was_written, what_was_done, every_prefix_is_refused, what_is_none);

#include "unit.h"

#include "created_lines.h"
#include "follow_up.h"
#include "log.h"
#include "played_ecr.h"
#include "state_fixture.h"

static const struct registry registry = {.host = (char *)"r"};
static const struct spooled spooled = {
    .registry = (char *)"r",
    .repository = (char *)"a",
    .time_ms = 1795423072492,
    .aws_time_s = 1795423070,
    .lifecycle_policy = (char *)"{\"life\":1}",
    .repository_policy = (char *)"{\"policy\":1}",
};

START_TEST(whose_it_is)
{
	static const struct {
		double after_s;
		bool ours;
	} cases[] = {{0, true}, {0.5, true}, {25, true}, {-1.9, true}, {-2.1, false}, {-60, false},
	    {61.5, true}, {62.5, false}, {1e9, false}, {-1e9, false}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		ck_assert_msg(follow_up_is_ours(&spooled,
				  (double)spooled.aws_time_s + cases[i].after_s) == cases[i].ours,
		    "%f", cases[i].after_s);
	ck_assert(!follow_up_is_ours(&spooled, 0));
}
END_TEST

static enum follow_up_result ask(double created_at, enum ecr_outcome outcome)
{
	struct err e = {};

	played_created_at = created_at;
	PLAY(played_describe, outcome);
	return follow_up_call(FOLLOW_UP_ASK, &spooled, &registry, 1000, &e);
}

START_TEST(asks)
{
	ck_assert_int_eq(ask(1795423071.25, ECR_DONE), FOLLOW_UP_DONE);
	ck_assert_int_eq(ask(1795423060, ECR_DONE), FOLLOW_UP_FOREIGN);
	ck_assert_int_eq(ask(0, ECR_NOT_FOUND), FOLLOW_UP_MISSING);
	ck_assert_int_eq(ask(0, ECR_TRANSIENT), FOLLOW_UP_AGAIN);
	ck_assert_int_eq(ask(0, ECR_NO_CREDENTIALS), FOLLOW_UP_AGAIN);
	ck_assert_int_eq(ask(0, ECR_ACCESS_DENIED), FOLLOW_UP_REFUSED);
	ck_assert_int_eq(ask(0, ECR_INVALID), FOLLOW_UP_REFUSED);
}
END_TEST

START_TEST(policies)
{
	struct err e = {};

	PLAY(played_lifecycle, ECR_DONE, ECR_INVALID);
	PLAY(played_policy, ECR_NOT_FOUND);
	ck_assert_int_eq(
	    follow_up_call(FOLLOW_UP_LIFECYCLE, &spooled, &registry, 1000, &e), FOLLOW_UP_DONE);
	ck_assert_str_eq(played_lifecycle.text, "{\"life\":1}");
	ck_assert_int_eq(
	    follow_up_call(FOLLOW_UP_LIFECYCLE, &spooled, &registry, 1000, &e), FOLLOW_UP_REFUSED);
	ck_assert_str_eq(e.text, "played");
	ck_assert_int_eq(
	    follow_up_call(FOLLOW_UP_POLICY, &spooled, &registry, 1000, &e), FOLLOW_UP_MISSING);
	ck_assert_str_eq(played_policy.text, "{\"policy\":1}");
}
END_TEST

static size_t lines(void)
{
	size_t n = 0;

	for (const char *at = state_read(CREATED_FILE); *at; at++)
		n += *at == '\n';
	return n;
}

START_TEST(records_once)
{
	struct created *created = NULL;
	bool counted = false;
	struct err e = {};

	log_setup(LOG_LEVEL_ERROR, LOG_FORMAT_TEXT);
	state_make();
	ck_assert_int_eq(created_open(state, spooled.time_ms, &created, &e), 0);
	ck_assert_int_eq(created_reserve(created, 1, spooled.time_ms), 0);
	ck_assert_int_eq(follow_up_record(&spooled, created, false, &counted, &e), FOLLOW_UP_DONE);
	ck_assert(counted);
	ck_assert_uint_eq(lines(), 1);
	ck_assert_uint_eq(created_last_hour(created, spooled.time_ms), 1);

	/* After a crash between the line and the file: its reservation is given back. */
	created_free(created);
	ck_assert_int_eq(created_open(state, spooled.time_ms, &created, &e), 0);
	ck_assert_int_eq(created_reserve(created, 2, spooled.time_ms), 0);
	counted = false;
	ck_assert_int_eq(follow_up_record(&spooled, created, true, &counted, &e), FOLLOW_UP_DONE);
	ck_assert(counted);
	ck_assert_uint_eq(lines(), 1);
	ck_assert_int_eq(created_reserve(created, 2, spooled.time_ms), 0);
	created_free(created);
	state_remove();
}
END_TEST

UNIT(follow_up, whose_it_is, asks, policies, records_once);

#include "unit.h"

#include "clock.h"
#include "log.h"
#include "making_repeat.h"

static struct stop stop;
static const struct creation_context context = {.stop = &stop};
static enum ecr_outcome outcomes[8];
static unsigned calls;
static bool unclear;

static enum ecr_outcome play(const struct making *making, const void *what, struct err *why)
{
	ck_assert_ptr_eq(what, outcomes);
	err_set(why, 0, "call %u", calls);
	return outcomes[calls++];
}

static enum ecr_outcome repeat(int64_t within_ms)
{
	const struct creation_request request = {
	    .repository = "team/app", .deadline_ms = clock_mono_ms() + within_ms};
	const struct making making = {.context = &context, .request = &request};
	struct err why = {};

	calls = 0;
	return making_repeat(&making, play, outcomes, &unclear, &why);
}

static void setup(enum ecr_outcome first, enum ecr_outcome second, enum ecr_outcome third)
{
	log_setup(LOG_LEVEL_ERROR + 1, LOG_FORMAT_TEXT);
	ck_assert_int_eq(stop_init(&stop), 0);
	outcomes[0] = first;
	outcomes[1] = second;
	outcomes[2] = third;
}

START_TEST(a_decided_one_is_not_repeated)
{
	for (enum ecr_outcome outcome = ECR_DONE; outcome <= ECR_NO_CREDENTIALS; outcome++) {
		if (outcome == ECR_TRANSIENT || outcome == ECR_UNCLEAR)
			continue;
		setup(outcome, ECR_DONE, ECR_DONE);
		unclear = true;
		ck_assert_int_eq(repeat(10000), outcome);
		ck_assert_uint_eq(calls, 1);
		ck_assert(!unclear);
		stop_finish(&stop);
	}
}
END_TEST

START_TEST(a_passing_one_is_with_growing_pauses)
{
	int64_t start_ms = clock_mono_ms();

	setup(ECR_TRANSIENT, ECR_UNCLEAR, ECR_ALREADY_EXISTS);
	ck_assert_int_eq(repeat(10000), ECR_ALREADY_EXISTS);
	ck_assert_uint_eq(calls, 3);
	ck_assert(unclear);
	ck_assert_int_ge(clock_mono_ms() - start_ms, 600);
	stop_finish(&stop);
}
END_TEST

START_TEST(not_beyond_the_deadline)
{
	int64_t start_ms = clock_mono_ms();

	setup(ECR_TRANSIENT, ECR_TRANSIENT, ECR_TRANSIENT);
	ck_assert_int_eq(repeat(400), ECR_TRANSIENT);
	ck_assert_uint_eq(calls, 2);
	ck_assert_int_le(clock_mono_ms() - start_ms, 400);
	ck_assert_int_eq(repeat(-5), ECR_TRANSIENT);
	ck_assert_uint_eq(calls, 1);
	stop_finish(&stop);
}
END_TEST

START_TEST(what_was_throttled_did_nothing)
{
	setup(ECR_TRANSIENT, ECR_ALREADY_EXISTS, ECR_DONE);
	unclear = true;
	ck_assert_int_eq(repeat(10000), ECR_ALREADY_EXISTS);
	ck_assert(!unclear);
	stop_finish(&stop);
}
END_TEST

START_TEST(a_stop_ends_it)
{
	setup(ECR_TRANSIENT, ECR_DONE, ECR_DONE);
	stop_now(&stop);
	ck_assert_int_eq(repeat(10000), ECR_TRANSIENT);
	ck_assert_uint_eq(calls, 1);
	stop_finish(&stop);
}
END_TEST

UNIT(making_repeat, a_decided_one_is_not_repeated, a_passing_one_is_with_growing_pauses,
    not_beyond_the_deadline, what_was_throttled_did_nothing, a_stop_ends_it);

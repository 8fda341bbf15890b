#include "unit.h"

#include <errno.h>

#include "clock.h"
#include "log.h"
#include "making_wait.h"
#include "played_state.h"

static struct registry registry = {.host = (char *)"registry.example"};
static struct creation_context context;
static struct oci_error refusal;

static int wait_for(int64_t within_ms)
{
	const struct creation_request request = {.registry = &registry,
	    .repository = "team/app",
	    .deadline_ms = clock_mono_ms() + within_ms};
	struct making making = {.context = &context, .request = &request, .refusal = &refusal};
	struct stop stop;
	int r;

	log_setup(LOG_LEVEL_ERROR, LOG_FORMAT_TEXT);
	ck_assert_int_eq(stop_init(&stop), 0);
	context.stop = &stop;
	r = making_wait(&making, "the reason");
	stop_finish(&stop);
	str_finish(&state.steps);
	return r;
}

START_TEST(until_it_appears)
{
	state.describes[0] = state.describes[1] = ECR_NOT_FOUND;
	refusal.status = 504; /* remembered */
	ck_assert_int_eq(wait_for(10000), 0);
	ck_assert_uint_eq(refusal.status, 0);
	ck_assert_uint_eq(state.described, 3);
}
END_TEST

START_TEST(not_beyond_the_deadline)
{
	int64_t start_ms = clock_mono_ms();

	for (size_t i = 0; i < sizeof(state.describes) / sizeof(*state.describes); i++)
		state.describes[i] = i % 2 ? ECR_TRANSIENT : ECR_NOT_FOUND;
	ck_assert_int_eq(wait_for(1000), -EPERM);
	ck_assert_uint_eq(refusal.status, 504);
	ck_assert_ptr_nonnull(strstr(refusal.message, "the reason"));
	ck_assert_int_le(clock_mono_ms() - start_ms, 1100);
	/* At 0, 500 and 750 ms; less often on a busy machine. */
	ck_assert_uint_ge(state.described, 1);
	ck_assert_uint_le(state.described, 3);
}
END_TEST

/* Who may not look either is told by the push itself, which is repeated. */
START_TEST(without_the_right_to_look)
{
	state.describes[0] = ECR_ACCESS_DENIED;
	ck_assert_int_eq(wait_for(5000), 0);
	ck_assert_uint_eq(state.described, 1);
	ck_assert_uint_eq(refusal.status, 504);
	ck_assert_ptr_nonnull(strstr(refusal.message, "the reason"));
}
END_TEST

UNIT(making_wait, until_it_appears, not_beyond_the_deadline, without_the_right_to_look);

/* What only whoever asks at each second can see is in test_credential_chain.c. */
#include "unit.h"

#include "credential_timing.h"

enum { NOW = 1000000, HOUR = 3600 };

static struct credentials lasting_until(int64_t expires_s)
{
	return (struct credentials){.expires_s = expires_s};
}

START_TEST(validity)
{
	struct credentials lasting = lasting_until(0), ending = lasting_until(NOW);

	ck_assert(!credentials_are_valid(NULL, NOW));
	ck_assert(credentials_are_valid(&lasting, NOW));
	ck_assert(credentials_are_valid(&ending, NOW - 1));
	ck_assert(!credentials_are_valid(&ending, NOW));
}
END_TEST

START_TEST(needs_until_the_end)
{
	struct credentials current = lasting_until(NOW + HOUR);
	struct credential_timing timing = {.looked_s = NOW + HOUR};
	static const struct {
		int64_t left_s;
		enum credential_need need;
	} cases[] = {
	    {CREDENTIALS_ADVISORY_S, NEED_SOON},
	    {CREDENTIALS_MANDATORY_S + 1, NEED_SOON},
	    {CREDENTIALS_MANDATORY_S, NEED_NOW},
	    {1, NEED_NOW},
	    {0, NEED_FIRST},
	};

	credential_timing_read(&timing, current.expires_s, NOW);
	timing.looked_s = NOW;
	ck_assert_int_eq(credential_timing_need(&timing, &current, NOW), NEED_NOTHING);
	ck_assert_int_eq(
	    credential_timing_need(&timing, &current, NOW + CREDENTIALS_LOOK_S), NEED_LOOK);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		ck_assert_int_eq(
		    credential_timing_need(&timing, &current, NOW + HOUR - cases[i].left_s),
		    cases[i].need);
	ck_assert_int_eq(credential_timing_due_s(&timing), NOW + HOUR - CREDENTIALS_ADVISORY_S);
}
END_TEST

START_TEST(pauses_grow_and_end)
{
	static const int64_t pauses_s[] = {5, 10, 20, 40, 60, 60, 60};
	struct credentials current = lasting_until(0);
	struct credential_timing timing = {};

	credential_timing_read(&timing, 0, NOW);
	timing.looked_s = NOW;
	for (size_t i = 0; i < sizeof(pauses_s) / sizeof(*pauses_s); i++) {
		credential_timing_failed(&timing, NOW);
		ck_assert_int_eq(credential_timing_due_s(&timing), NOW + pauses_s[i]);
		ck_assert_int_eq(credential_timing_need(&timing, &current, NOW), NEED_NOTHING);
		ck_assert_int_eq(
		    credential_timing_need(&timing, &current, NOW + pauses_s[i]), NEED_SOON);
	}
	credential_timing_read(&timing, 0, NOW);
	credential_timing_failed(&timing, NOW);
	ck_assert_int_eq(credential_timing_due_s(&timing), NOW + pauses_s[0]);
}
END_TEST

UNIT(credential_timing, validity, needs_until_the_end, pauses_grow_and_end);

#include "resolve.h"

#include "clock.h"
#include "unit.h"

START_TEST(test_several_at_once)
{
	/* What needs no name server: localhost and an address; nothing below .invalid exists. */
	const char *const names[] = {"localhost", "127.0.0.1", "not a name.invalid"};
	enum resolve_outcome outcomes[RESOLVE_MAX];

	ck_assert_int_eq(resolve(names, 3, clock_mono_ms() + 20000, outcomes), 0);
	ck_assert_int_eq(outcomes[0], RESOLVE_DONE);
	ck_assert_int_eq(outcomes[1], RESOLVE_DONE);
	ck_assert_int_ne(outcomes[2], RESOLVE_DONE);
}
END_TEST

START_TEST(test_a_late_one_is_left_behind)
{
	const char *const names[] = {"localhost"};
	enum resolve_outcome outcomes[RESOLVE_MAX];

	/* No time at all: mostly late; the thread goes on and frees what it has. */
	for (int i = 0; i < 50; i++)
		ck_assert_int_eq(resolve(names, 1, clock_mono_ms(), outcomes), 0);
	ck_assert(outcomes[0] == RESOLVE_LATE || outcomes[0] == RESOLVE_DONE);
}
END_TEST

UNIT(resolve, test_several_at_once, test_a_late_one_is_left_behind);

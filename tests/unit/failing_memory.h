#pragma once
/*
 * Allocations that fail when a test wants it: for programs linked with --wrap for the functions
 * below (tests/unit/meson.build, failing_memory).
 */
#include <check.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

static size_t until_failure = SIZE_MAX;

static bool fails(void)
{
	return until_failure > 0 && --until_failure == 0;
}

#define WRAP(name, parameters, arguments)                        \
	void *__real_##name parameters;                          \
	void *__wrap_##name parameters;                          \
	void *__wrap_##name parameters                           \
	{                                                        \
		return fails() ? NULL : __real_##name arguments; \
	}

WRAP(malloc, (size_t size), (size))
WRAP(calloc, (size_t count, size_t size), (count, size))
WRAP(reallocarray, (void *old, size_t count, size_t size), (old, count, size))
WRAP(strdup, (const char *text), (text))
WRAP(strndup, (const char *text, size_t len), (text, len))

/* Check allocates in its own assertions. */
static void must(bool holds)
{
	if (!holds)
		abort();
}

/* Calls each use as often as it allocates, another one of its allocations failing each time. */
static inline void fail_each(int (*const uses[])(void), size_t len)
{
	for (size_t i = 0; i < len; i++) {
		size_t at = 0;
		bool failed;
		int r;

		do {
			until_failure = ++at;
			r = uses[i]();
			failed = until_failure == 0;
			until_failure = SIZE_MAX;
			ck_assert_msg(
			    r == 0 || r == -ENOMEM, "use %zu, allocation %zu: %d", i, at, r);
			ck_assert_uint_lt(at, 1000);
		} while (failed);
		ck_assert_int_eq(r, 0);
		ck_assert_uint_gt(at, 1);
	}
}

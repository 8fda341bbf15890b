#pragma once
/* Every unit test is `UNIT(module, test_a, test_b, …)` after its START_TEST bodies. */
#include <check.h>
#include <stdlib.h>

#define UNIT(name, ...)                                                     \
	int main(void)                                                      \
	{                                                                   \
		const TTest *tests[] = {__VA_ARGS__};                       \
		Suite *suite = suite_create(#name);                         \
		TCase *tcase = tcase_create(#name);                         \
		SRunner *runner;                                            \
		int failed;                                                 \
                                                                            \
		/* What hangs; a busy machine may take its time. */         \
		tcase_set_timeout(tcase, 240);                              \
		for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++) \
			tcase_add_test(tcase, tests[i]);                    \
		suite_add_tcase(suite, tcase);                              \
		runner = srunner_create(suite);                             \
		srunner_run_all(runner, CK_ENV);                            \
		failed = srunner_ntests_failed(runner);                     \
		srunner_free(runner);                                       \
		return failed ? EXIT_FAILURE : EXIT_SUCCESS;                \
	}                                                                   \
	struct unit_semicolon_

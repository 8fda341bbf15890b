#include "unit.h"

#include "rules.h"

START_TEST(without_rules_the_defaults)
{
	const struct registry registry = {.host = (char *)"h"};
	struct decision decision = rules_decide(NULL, &registry, "team/app");

	ck_assert_ptr_eq(decision.settings, &repository_settings_default);
	ck_assert_str_eq(decision.settings->image_tag_mutability, "IMMUTABLE");
	ck_assert(decision.settings->scan_on_push);
}
END_TEST

UNIT(rules, without_rules_the_defaults);

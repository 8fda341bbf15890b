/* Every allocation of the rules fails once: see test_out_of_memory.c. */
#include "unit.h"

#include <string.h>

#include "failing_memory.h"
#include "rules.h"
#include "settings_fixture.h"

static const struct repository_settings said = {
    .image_tag_mutability = TEXT("IMMUTABLE_WITH_EXCLUSION"),
    FILTERS(TEXT("v*"), TEXT("w*")),
    .encryption_type = TEXT("KMS"),
    .kms_key = TEXT("alias/k"),
    TAGS({TEXT("by"), TEXT("${user}")}, {TEXT("of"), TEXT("${namespace}/${name} ${date}")}),
    .lifecycle_policy = TEXT("{}"),
    .repository_policy = TEXT("{}"),
};

static int use_glob(void)
{
	struct glob *glob = NULL;
	int r = glob_compile("{a,b}/**", &glob, NULL);

	must(!glob == (r < 0));
	glob_free(glob);
	return r;
}

static int use_describe(void)
{
	const struct rule named = {.name = TEXT("n")};
	_cleanup_str_ struct str out = {};
	int r = rule_describe(&named, &out);

	must(r == 0 || out.len == 0);
	return r;
}

static int use_settings(void)
{
	const struct variables variables = {.repository = "a/b", .user = "u"};
	const struct rules rules = {.defaults = said};
	const struct rule rule = {.settings = said};
	_cleanup_(repository_settings_finish) struct repository_settings merged = {};
	_cleanup_str_ struct str request = {};
	int r = rules_settings(&rules, &rule, &said, &merged);

	must(!merged.image_tag_mutability == (r < 0));
	if (r == 0)
		r = repository_settings_expand(&merged, &variables);
	if (r == 0)
		r = repository_settings_write_request(&merged, "123456789012", "a/b", &request);
	return r;
}

START_TEST(is_said_wherever_it_happens)
{
	static int (*const uses[])(void) = {use_glob, use_describe, use_settings};

	fail_each(uses, sizeof(uses) / sizeof(*uses));
}
END_TEST

UNIT(out_of_memory_rules, is_said_wherever_it_happens);

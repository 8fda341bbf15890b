#include "unit.h"

#include <string.h>

#include "rules.h"
#include "settings_fixture.h"

#define HOST "123456789012.dkr.ecr.eu-west-1.amazonaws.com"

static struct rule rule(const char *name, const char *match, const char *registry)
{
	struct rule made = {.name = name ? strdup(name) : NULL};

	ck_assert_int_eq(glob_compile(match, &made.match, NULL), 0);
	if (registry)
		ck_assert_int_eq(glob_compile(registry, &made.registry, NULL), 0);
	return made;
}

static struct rules three_rules(void)
{
	struct rules rules = {.items = calloc(3, sizeof(struct rule)), .len = 3};

	rules.items[0] = rule("no-prod", "prod/**", NULL);
	rules.items[0].action = RULE_DENY;
	rules.items[1] = rule(NULL, "{prod,team}/**", "*.dkr.ecr.us-*.amazonaws.com");
	rules.items[1].action = RULE_WAIT;
	rules.items[2] = rule("team", "team/*", NULL);
	return rules;
}

static const struct {
	const char *host, *name;
	int expected; /* of the rules; −1: none */
} cases[] = {
    {HOST, "prod/app", 0},
    {HOST, "team/app", 2},
    {HOST, "team/sub/app", -1},
    {HOST, "prod", -1},
    {"1.dkr.ecr.us-east-1.amazonaws.com", "team/app", 1},
    {"1.dkr.ecr.us-east-1.amazonaws.com", "prod/app", 0},
};

START_TEST(the_first_that_matches_wins)
{
	_cleanup_(rules_finish) struct rules rules = three_rules();

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		ck_assert_ptr_eq(rules_find(&rules, cases[i].host, cases[i].name),
		    cases[i].expected < 0 ? NULL : &rules.items[cases[i].expected]);
}
END_TEST

START_TEST(without_rules_the_built_in_settings)
{
	_cleanup_(repository_settings_finish) struct repository_settings settings = {};
	const struct rules rules = {};

	ck_assert_ptr_null(rules_find(&rules, HOST, "team/app"));
	ck_assert_int_eq(rules_settings(&rules, NULL, NULL, &settings), 0);
	ck_assert_str_eq(settings.image_tag_mutability, "IMMUTABLE");
	ck_assert_int_eq(settings.scan_on_push, SAID_YES);
	ck_assert(!rules_want_template(&rules, NULL));
}
END_TEST

static void expect_described(const struct rule *which, const char *words, const char *action)
{
	_cleanup_str_ struct str s = {};

	ck_assert_int_eq(rule_describe(which, &s), 0);
	ck_assert_str_eq(str_text(&s), words);
	ck_assert_str_eq(rule_action_name(which), action);
}

START_TEST(each_has_words_for_it)
{
	_cleanup_(rules_finish) struct rules rules = three_rules();

	expect_described(&rules.items[0], "no-prod", "deny");
	expect_described(&rules.items[1], "\"{prod,team}/**\"", "wait");
	expect_described(&rules.items[2], "team", "create");
	expect_described(NULL, "no rule", "create");
}
END_TEST

/* Four layers that each say something of their own, and tags. */
static const struct rule with_settings = {
    .settings = {.encryption_type = TEXT("KMS"), TAGS({TEXT("t"), TEXT("rule")})}};
static const struct repository_settings template_ = {.image_tag_mutability = TEXT("MUTABLE"),
    .lifecycle_policy = TEXT("{\"t\":1}"),
    TAGS({TEXT("t"), TEXT("template")}, {TEXT("u"), TEXT("template")})};
static const struct rules with_defaults = {
    .defaults = {.scan_on_push = SAID_NO,
	.image_tag_mutability = TEXT("IMMUTABLE"),
	.lifecycle_policy = TEXT("{\"d\":1}"),
	TAGS({TEXT("u"), TEXT("defaults")}, {TEXT("v"), TEXT("defaults")})}};

static const char *tag(const struct repository_settings *settings, const char *key)
{
	for (size_t i = 0; i < settings->tags_len; i++)
		if (strcmp(settings->tags[i].key, key) == 0)
			return settings->tags[i].value;
	return NULL;
}

START_TEST(settings_are_merged_in_order)
{
	_cleanup_(repository_settings_finish) struct repository_settings with = {}, without = {};

	ck_assert_int_eq(rules_settings(&with_defaults, &with_settings, &template_, &with), 0);
	ck_assert_str_eq(with.image_tag_mutability, "MUTABLE");
	ck_assert_int_eq(with.scan_on_push, SAID_NO);
	ck_assert_str_eq(with.encryption_type, "KMS");
	ck_assert_str_eq(with.lifecycle_policy, "{\"t\":1}");
	ck_assert_str_eq(tag(&with, "t"), "rule");
	ck_assert_str_eq(tag(&with, "u"), "template");
	ck_assert_str_eq(tag(&with, "v"), "defaults");

	ck_assert_int_eq(rules_settings(&with_defaults, NULL, NULL, &without), 0);
	ck_assert_str_eq(without.image_tag_mutability, "IMMUTABLE");
	ck_assert_ptr_null(without.encryption_type);
	ck_assert_ptr_null(tag(&without, "t"));
	ck_assert_str_eq(without.lifecycle_policy, "{\"d\":1}");
}
END_TEST

START_TEST(the_rule_or_else_the_defaults_ask_for_the_template)
{
	const struct rule asks = {.settings = {.from_template = SAID_YES}}, silent = {};
	const struct rules none = {}, all = {.defaults = {.from_template = SAID_YES}};

	ck_assert(rules_want_template(&none, &asks));
	ck_assert(!rules_want_template(&none, &silent));
	ck_assert(rules_want_template(&all, &silent));
	ck_assert(rules_want_template(&all, NULL));
}
END_TEST

UNIT(rules, the_first_that_matches_wins, without_rules_the_built_in_settings, each_has_words_for_it,
    settings_are_merged_in_order, the_rule_or_else_the_defaults_ask_for_the_template);

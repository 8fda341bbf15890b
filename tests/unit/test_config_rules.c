#include "config_fixture.h"

#include "config_rules.h"

START_TEST(in_their_order)
{
	struct rules rules = {};

	must_note("[{\"name\":\"no\",\"match\":\"prod/**\",\"action\":\"deny\",\"reason\":\"ask\","
		  "\"settings\":{\"scan_on_push\":true}},"
		  "{\"match\":\"**\",\"registry\":\"1*\",\"action\":\"wait\"},{\"match\":\"x\"}]",
	    config_read_rules, &rules, "");
	ck_assert_uint_eq(rules.len, 3);
	ck_assert_str_eq(rules.items[0].name, "no");
	ck_assert_str_eq(glob_pattern(rules.items[0].match), "prod/**");
	ck_assert_int_eq(rules.items[0].action, RULE_DENY);
	ck_assert_str_eq(rules.items[0].reason, "ask");
	ck_assert_int_eq(rules.items[0].settings.scan_on_push, SAID_YES);
	ck_assert_ptr_null(rules.items[0].registry);
	ck_assert_str_eq(glob_pattern(rules.items[1].registry), "1*");
	ck_assert_int_eq(rules.items[1].action, RULE_WAIT);
	ck_assert_ptr_null(rules.items[1].name);
	ck_assert_int_eq(rules.items[2].action, RULE_CREATE);
	rules_finish(&rules);
}
END_TEST

static void must_say(const char *text, const char *lines)
{
	struct rules rules = {};

	must_note(text, config_read_rules, &rules, lines);
	rules_finish(&rules);
}

START_TEST(problems)
{
	must_say("[]", "");
	must_say("{}", "c:1:1: must be a list\n");
	must_say("[1]", "c:1:2: must be an object\n");
	must_say("[{}]", "c:1:2: a rule without match; for every name: \"match\": \"**\"\n");
	must_say("[{\"mach\":\"x\"}]",
	    "c:1:2: a rule without match; for every name: \"match\": \"**\"\n"
	    "c:1:3: unknown key \"mach\"; did you mean \"match\"?\n");
	must_say("[{\"match\":1},{\"match\":\"a\\u0000\"}]",
	    "c:1:11: match must be a string\nc:1:23: match must be free of control characters\n");
	must_say("[{\"match\":\"a{b\"},\n{\"match\":\"x\",\"registry\":\"}\"},\n{\"match\":\"\"}]",
	    "c:1:11: match: a { that no } closes: add one\n"
	    "c:2:25: registry: a } that no { opens: remove it\n"
	    "c:3:10: match: an empty pattern matches nothing: ** matches all\n");
	must_say("[{\"match\":\"x\",\"action\":\"drop\"},{\"match\":\"x\",\"reason\":1}]",
	    "c:1:24: action must be \"create\", \"deny\" or \"wait\"\n"
	    "c:1:54: reason must be a string\n");
	must_say(
	    "[{\"match\":\"x\",\"name\":\"a\"},{\"match\":\"x\"},{\"match\":\"x\",\"name\":\"a\"}]",
	    "c:1:61: rule name \"a\" is given twice\n");
	must_say("[{\"match\":\"x\",\"settings\":{\"from\":1}}]",
	    "c:1:34: from must be \"ecr-template\"\n");
}
END_TEST

UNIT(config_rules, in_their_order, problems);

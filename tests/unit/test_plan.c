#include "unit.h"

#include <errno.h>
#include <string.h>

#include "plan.h"
#include "settings_fixture.h"

#define A "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
#define B "210987654321.dkr.ecr.us-east-1.amazonaws.com"

static struct config_registry two[] = {{.host = TEXT(A)}, {.host = TEXT(B)}};
static struct rule rules[4];
static struct config config = {
    .registries = two, .registries_len = 2, .rules = {.items = rules, .len = 4}};
static struct repository_tag by = {
    TEXT("by"), TEXT("${user}@${host} ${date} ${account} ${region} ${name}")};
static const struct variables pusher = {.user = "alice", .host = "build7", .now_s = 1767323045};

static void setup(void)
{
	ck_assert_int_eq(glob_compile("prod/**", &rules[0].match, NULL), 0);
	rules[0].name = TEXT("no-prod");
	rules[0].action = RULE_DENY;
	rules[0].reason = TEXT("ask \"platform\"");
	ck_assert_int_eq(glob_compile("**", &rules[1].match, NULL), 0);
	ck_assert_int_eq(glob_compile("*.us-*.amazonaws.com", &rules[1].registry, NULL), 0);
	rules[1].action = RULE_WAIT;
	ck_assert_int_eq(glob_compile("team/*", &rules[2].match, NULL), 0);
	rules[2].settings = (struct repository_settings){
	    .tags = &by,
	    .tags_len = 1,
	    .lifecycle_policy = TEXT("{\"rules\":[]}"),
	    .repository_policy = TEXT("{\"Statement\":[]}"),
	};
	ck_assert_int_eq(glob_compile("ecr/*", &rules[3].match, NULL), 0);
	rules[3].name = TEXT("theirs");
	rules[3].settings.from_template = SAID_YES;
}

static void teardown(void)
{
	for (size_t i = 0; i < 4; i++) {
		glob_free(rules[i].match);
		glob_free(rules[i].registry);
	}
}

static void expect(
    int (*write)(const struct plan *, struct str *), const char *target, const char *expected)
{
	_cleanup_(plan_finish) struct plan plan = {};
	_cleanup_str_ struct str s = {};
	struct err e = {};

	ck_assert_msg(plan_make(&config, target, &pusher, &plan, &e) == 0, "%s", e.text);
	ck_assert_int_eq(write(&plan, &s), 0);
	ck_assert_str_eq(str_text(&s), expected);
}

#define REQUEST(tags)                                               \
	"{\"registryId\":\"123456789012\",\"repositoryName\":" tags \
	"\"imageTagMutability\":\"IMMUTABLE\","                     \
	"\"imageScanningConfiguration\":{\"scanOnPush\":true}}"
#define TEAM_REQUEST                                                \
	REQUEST("\"team/app\",\"tags\":[{\"Key\":\"by\",\"Value\":" \
		"\"alice@build7 2026-01-02 123456789012 eu-west-1 app\"}],")

START_TEST(as_json)
{
	setup();
	expect(plan_write_json, "team/app",
	    "{\"registry\":\"" A "\",\"repository\":\"team/app\",\"rule\":\"team/*\","
	    "\"action\":\"create\",\"reason\":null,\"request\":" TEAM_REQUEST
	    ",\"lifecycle_policy\":{\"rules\":[]},\"repository_policy\":{\"Statement\":[]}}\n");
	expect(plan_write_json, A "/prod/x",
	    "{\"registry\":\"" A "\",\"repository\":\"prod/x\",\"rule\":\"no-prod\","
	    "\"action\":\"deny\",\"reason\":\"ask \\\"platform\\\"\",\"request\":null,"
	    "\"lifecycle_policy\":null,\"repository_policy\":null}\n");
	expect(plan_write_json, B "/team/app",
	    "{\"registry\":\"" B "\",\"repository\":\"team/app\",\"rule\":\"**\","
	    "\"action\":\"wait\",\"reason\":null,\"request\":null,"
	    "\"lifecycle_policy\":null,\"repository_policy\":null}\n");
	expect(plan_write_json, "other",
	    "{\"registry\":\"" A "\",\"repository\":\"other\",\"rule\":null,"
	    "\"action\":\"create\",\"reason\":null,\"request\":" REQUEST(
		"\"other\",") ",\"lifecycle_policy\":null,\"repository_policy\":null}\n");
	expect(plan_write_json, "ecr/x",
	    "{\"registry\":\"" A "\",\"repository\":\"ecr/x\",\"rule\":\"theirs\","
	    "\"action\":\"create\",\"reason\":null,\"request\":" REQUEST(
		"\"ecr/x\",") ",\"lifecycle_policy\":null,\"repository_policy\":null,"
			      "\"from\":\"ecr-template\"}\n");
	teardown();
}
END_TEST

START_TEST(as_text)
{
	setup();
	expect(plan_write_text, A "/team/app",
	    "registry           " A "\n"
	    "repository         team/app\n"
	    "not                no-prod: its match \"prod/**\" does not match team/app\n"
	    "not                \"**\": its registry \"*.us-*.amazonaws.com\" does not match " A
	    "\n"
	    "rule               \"team/*\": its match \"team/*\" matches team/app\n"
	    "action             create\n"
	    "request            " TEAM_REQUEST "\n"
	    "lifecycle policy   {\"rules\":[]}\n"
	    "repository policy  {\"Statement\":[]}\n");
	expect(plan_write_text, B "/prod/x",
	    "registry           " B "\n"
	    "repository         prod/x\n"
	    "rule               no-prod: its match \"prod/**\" matches prod/x\n"
	    "action             deny\n"
	    "reason             ask \"platform\"\n"
	    "request            none\n");
	expect(plan_write_text, "other",
	    "registry           " A "\n"
	    "repository         other\n"
	    "not                no-prod: its match \"prod/**\" does not match other\n"
	    "not                \"**\": its registry \"*.us-*.amazonaws.com\" does not match " A
	    "\n"
	    "not                \"team/*\": its match \"team/*\" does not match other\n"
	    "not                theirs: its match \"ecr/*\" does not match other\n"
	    "rule               none matches: the defaults count\n"
	    "action             create\n"
	    "request            " REQUEST("\"other\",") "\n");
	teardown();
}
END_TEST

static void refuse(const struct config *of, const char *target, const char *reason)
{
	struct plan plan = {};
	struct err e = {};

	ck_assert_int_eq(plan_make(of, target, &pusher, &plan, &e), -EINVAL);
	ck_assert_msg(strstr(e.text, reason), "%s: %s", target, e.text);
	ck_assert_ptr_null(plan.registry);
}

START_TEST(what_no_rule_can_help)
{
	const struct config any = {
	    .registries = two, .registries_len = 1, .allow_any_registry = true};

	refuse(&config, "UPPER/x", "no registry of this daemon");
	refuse(&config, "310987654321.dkr.ecr.us-east-1.amazonaws.com/x1", "no registry of this");
	refuse(&config, A ".evil.example/x1", "no registry of this daemon");
	refuse(&config, A, "no repository name");
	refuse(&config, A "/", "no repository name");
	refuse(&config, "a", "no repository name");
	refuse(&config, "a//b", "no repository name");
	refuse(&config, "a/b:1", "no repository name");
	refuse(&config, "", "no repository name");
	refuse(&any, "1.dkr.ecr.eu-west-1.amazonaws.com/x1", "no ECR registry");
}
END_TEST

static void accept(const struct config *of, const char *target)
{
	_cleanup_(plan_finish) struct plan plan = {};
	struct err e = {};

	ck_assert_msg(plan_make(of, target, &pusher, &plan, &e) == 0, "%s", e.text);
}

START_TEST(registries_that_are_not_listed)
{
	const struct config any = {
	    .registries = two, .registries_len = 1, .allow_any_registry = true};
	const struct config none = {};

	accept(&any, B "/app");
	accept(&none, B "/app");
	refuse(&none, "app", "write REGISTRY/app");
	refuse(&none, "localhost:5100/app", "no ECR registry");
}
END_TEST

START_TEST(tags_that_ecr_would_refuse)
{
	struct config bad = {.registries = two,
	    .registries_len = 1,
	    .rules.defaults = {TAGS({TEXT("by"), TEXT("${user}")})}};
	const struct variables odd = {.user = "o'neil", .host = "h"};
	struct plan plan = {};
	struct err e = {};

	ck_assert_int_eq(plan_make(&bad, "app", &odd, &plan, &e), -EINVAL);
	ck_assert_ptr_nonnull(strstr(e.text, "tag \"by\""));
	accept(&bad, "app");
}
END_TEST

UNIT(plan, as_json, as_text, what_no_rule_can_help, registries_that_are_not_listed,
    tags_that_ecr_would_refuse);

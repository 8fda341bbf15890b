/* One event's repository, over a played API. */
#include "unit.h"

#include <errno.h>
#include <stdio.h>

#include "clock.h"
#include "ecr_policies.h"
#include "ecr_tags.h"
#include "lambda_making.h"
#include "log.h"
#include "played_state.h"

static struct registry registry = {
    .host = (char *)"123456789012.dkr.ecr.eu-west-1.amazonaws.com",
    .account = (char *)"123456789012",
    .region = (char *)"eu-west-1",
};
static struct rule rule;
static struct config config;
static const struct serving serving = {.config = &config};
static struct stop stop;
static const struct creation_context context = {.stop = &stop, .host_name = "host"};
static struct lambda_budget budget;
static struct lambda_outcome outcome;
static const char *event_id;
static enum ecr_outcome lifecycles[4], policies[4], untags[4];
static unsigned lifecycled, policied, untagged;
static enum ecr_outcome look;
static bool owed;
static char looked_for[300];

enum ecr_outcome ecr_put_lifecycle_policy(const struct registry *of, const char *repository,
    const char *policy, int64_t deadline_ms, struct err *e)
{
	note_step("lifecycle");
	ck_assert_str_eq(policy, "{\"rules\":[]}");
	err_set(e, 0, "played");
	return nth(lifecycles, lifecycled++);
}

enum ecr_outcome ecr_set_repository_policy(const struct registry *of, const char *repository,
    const char *policy, int64_t deadline_ms, struct err *e)
{
	note_step("policy");
	ck_assert_str_eq(policy, "{}");
	err_set(e, 0, "played");
	return nth(policies, policied++);
}

enum ecr_outcome ecr_has_tag(const struct registry *of, const char *repository, const char *key,
    const char *value, int64_t deadline_ms, bool *ret, struct err *e)
{
	note_step("look");
	ck_assert_str_eq(key, LAMBDA_OWED_TAG);
	snprintf(looked_for, sizeof(looked_for), "%s", value);
	err_set(e, 0, "played");
	if (look == ECR_DONE)
		*ret = owed;
	return look;
}

enum ecr_outcome ecr_remove_tag(const struct registry *of, const char *repository, const char *key,
    int64_t deadline_ms, struct err *e)
{
	note_step("untag");
	ck_assert_str_eq(key, LAMBDA_OWED_TAG);
	err_set(e, 0, "played");
	return nth(untags, untagged++);
}

static void setup(bool with_policies)
{
	log_setup(LOG_LEVEL_ERROR + 1, LOG_FORMAT_TEXT);
	ck_assert_int_eq(stop_init(&stop), 0);
	rule = (struct rule){.name = (char *)"the-rule"};
	ck_assert_int_eq(glob_compile("team/**", &rule.match, NULL), 0);
	if (with_policies) {
		rule.settings.lifecycle_policy = (char *)"{\"rules\":[]}";
		rule.settings.repository_policy = (char *)"{}";
	}
	config = (struct config){.max_per_hour = 7, .rules = {.items = &rule, .len = 1}};
	event_id = "e-1";
	memset(lifecycles, 0, sizeof(lifecycles));
	memset(policies, 0, sizeof(policies));
	memset(untags, 0, sizeof(untags));
	lifecycled = policied = untagged = 0;
	look = ECR_DONE;
	owed = false;
}

static void teardown(void)
{
	glob_free(rule.match);
	lambda_outcome_finish(&outcome);
	lambda_budget_finish(&budget);
	str_finish(&state.steps);
	str_finish(&state.request);
	memset(&state, 0, sizeof(state));
	stop_finish(&stop);
}

static enum lambda_result make(const char *repository, int64_t within_ms)
{
	const struct lambda_making making = {
	    .context = &context, .budget = &budget, .event_id = event_id};
	const struct creation_request request = {
	    .serving = &serving,
	    .registry = &registry,
	    .repository = repository,
	    .user = "dev",
	    .deadline_ms = clock_mono_ms() + within_ms,
	};

	lambda_outcome_finish(&outcome);
	outcome = (struct lambda_outcome){};
	str_clear(&state.steps);
	lambda_make(&making, &request, &outcome);
	return outcome.result;
}

static bool has_mark(const char *value)
{
	char tag[400];

	snprintf(tag, sizeof(tag), "{\"Key\":\"" LAMBDA_OWED_TAG "\",\"Value\":\"%s\"}", value);
	return strstr(str_text(&state.request), tag);
}

START_TEST(nothing_is_owed)
{
	setup(false);
	ck_assert_int_eq(make("team/app", 1000), LAMBDA_CREATED);
	ck_assert_str_eq(str_text(&state.steps), "create ");
	ck_assert_ptr_null(strstr(str_text(&state.request), LAMBDA_OWED_TAG));
	ck_assert_str_eq(str_text(&outcome.rule), "the-rule");
	state.creates[1] = ECR_ALREADY_EXISTS;
	ck_assert_int_eq(make("team/app", 1000), LAMBDA_EXISTS);
	ck_assert_str_eq(str_text(&state.steps), "create ");
	teardown();
}
END_TEST

START_TEST(what_is_owed_is_done_here)
{
	setup(true);
	ck_assert_int_eq(make("team/app", 1000), LAMBDA_CREATED);
	ck_assert_str_eq(str_text(&state.steps), "create lifecycle policy untag ");
	ck_assert(has_mark("e-1"));
	teardown();
}
END_TEST

START_TEST(a_new_one_is_not_known_at_once)
{
	setup(true);
	lifecycles[0] = untags[0] = ECR_NOT_FOUND;
	ck_assert_int_eq(make("team/app", 5000), LAMBDA_CREATED);
	ck_assert_str_eq(str_text(&state.steps), "create lifecycle lifecycle policy untag untag ");
	teardown();
}
END_TEST

START_TEST(delivered_again_it_goes_on)
{
	setup(true);
	state.creates[0] = ECR_ALREADY_EXISTS;
	owed = true;
	ck_assert_int_eq(make("team/app", 1000), LAMBDA_CREATED);
	ck_assert_str_eq(str_text(&state.steps), "create look lifecycle policy untag ");
	ck_assert_str_eq(looked_for, "e-1");
	teardown();
}
END_TEST

START_TEST(somebody_elses_is_never_touched)
{
	setup(true);
	state.creates[0] = ECR_ALREADY_EXISTS;
	ck_assert_int_eq(make("team/app", 1000), LAMBDA_EXISTS);
	ck_assert_str_eq(str_text(&state.steps), "create look ");
	look = ECR_ACCESS_DENIED;
	owed = true;
	state.creates[1] = ECR_ALREADY_EXISTS;
	ck_assert_int_eq(make("team/app", 1000), LAMBDA_FAILED);
	ck_assert_str_eq(outcome.reason, "AccessDenied");
	ck_assert_str_eq(str_text(&state.steps), "create look ");
	teardown();
}
END_TEST

START_TEST(an_id_that_no_tag_holds)
{
	char longest[300];

	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	const char *const ids[] = {NULL, "", "a,b", longest};
	for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++) {
		setup(true);
		event_id = ids[i];
		ck_assert_int_eq(make("team/app", 1000), LAMBDA_CREATED);
		ck_assert(has_mark("unknown"));
		teardown();
	}
}
END_TEST

START_TEST(a_fifty_first_tag_is_none)
{
	struct repository_tag tags[50];
	char keys[50][8];

	setup(true);
	for (int i = 0; i < 50; i++) {
		snprintf(keys[i], sizeof(keys[i]), "k%d", i);
		tags[i] = (struct repository_tag){.key = keys[i], .value = (char *)"v"};
	}
	rule.settings.tags = tags;
	rule.settings.tags_len = 50;
	ck_assert_int_eq(make("team/app", 1000), LAMBDA_CREATED);
	ck_assert_str_eq(str_text(&state.steps), "create lifecycle policy ");
	ck_assert_ptr_null(strstr(str_text(&state.request), LAMBDA_OWED_TAG));
	rule.settings.tags_len = 49;
	ck_assert_int_eq(make("team/app", 1000), LAMBDA_CREATED);
	ck_assert(has_mark("e-1"));
	teardown();
}
END_TEST

static const struct {
	enum ecr_outcome outcome;
	const char *reason;
} refusals[] = {
    {ECR_TRANSIENT, "Unavailable"},
    {ECR_LIMIT_EXCEEDED, "LimitExceeded"},
    {ECR_ACCESS_DENIED, "AccessDenied"},
    {ECR_INVALID, "Invalid"},
    {ECR_NO_CREDENTIALS, "NoCredentials"},
};

START_TEST(what_may_succeed_later_fails)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++) {
		enum ecr_outcome *steps[] = {state.creates, lifecycles, policies, untags};

		for (size_t step = 0; step < 4; step++) {
			setup(true);
			for (size_t n = 0; n < 4; n++)
				steps[step][n] = refusals[i].outcome;
			ck_assert_int_eq(make("team/app", 100), LAMBDA_FAILED);
			ck_assert_str_eq(outcome.reason, refusals[i].reason);
			ck_assert_str_eq(outcome.why.text, "played");
			teardown();
		}
	}
}
END_TEST

START_TEST(rules)
{
	setup(false);
	rule.action = RULE_WAIT;
	ck_assert_int_eq(make("team/app", 1000), LAMBDA_CREATED);
	rule.action = RULE_DENY;
	rule.reason = (char *)"ask them";
	ck_assert_int_eq(make("team/app", 1000), LAMBDA_DENIED);
	ck_assert_str_eq(outcome.reason, "Rule");
	ck_assert_str_eq(outcome.why.text, "rule the-rule denies it: ask them");
	ck_assert_str_eq(str_text(&state.steps), "");
	/* Outside every rule: the defaults. */
	ck_assert_int_eq(make("other/app", 1000), LAMBDA_CREATED);
	ck_assert_int_eq(make("Team/app", 1000), LAMBDA_IGNORED);
	teardown();
}
END_TEST

START_TEST(only_a_creation_costs_budget)
{
	setup(false);
	config.max_per_hour = 1;
	state.creates[0] = ECR_ALREADY_EXISTS;
	state.creates[1] = ECR_ACCESS_DENIED;
	ck_assert_int_eq(make("team/a", 1000), LAMBDA_EXISTS);
	ck_assert_int_eq(make("team/b", 1000), LAMBDA_FAILED);
	ck_assert_int_eq(make("team/b", 1000), LAMBDA_CREATED);
	ck_assert_int_eq(make("team/c", 1000), LAMBDA_FAILED);
	ck_assert_str_eq(outcome.reason, "Budget");
	ck_assert_str_eq(str_text(&state.steps), "");
	teardown();
}
END_TEST

START_TEST(a_template_that_cannot_be_read)
{
	setup(false);
	rule.settings.from_template = SAID_YES;
	state.template = ECR_ACCESS_DENIED;
	ck_assert_int_eq(make("team/app", 1000), LAMBDA_FAILED);
	ck_assert_str_eq(outcome.reason, "Settings");
	ck_assert_ptr_nonnull(strstr(outcome.why.text, "templates"));
	/* Nothing is remembered: it may be readable now. */
	state.template = ECR_NOT_FOUND;
	ck_assert_int_eq(make("team/app", 1000), LAMBDA_CREATED);
	teardown();
}
END_TEST

UNIT(lambda_making, nothing_is_owed, what_is_owed_is_done_here, a_new_one_is_not_known_at_once,
    delivered_again_it_goes_on, somebody_elses_is_never_touched, an_id_that_no_tag_holds,
    a_fifty_first_tag_is_none, what_may_succeed_later_fails, rules, only_a_creation_costs_budget,
    a_template_that_cannot_be_read);

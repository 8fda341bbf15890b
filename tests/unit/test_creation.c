/* Creations over a played API and a played spool. */
#include "unit.h"

#include <errno.h>

#include "clock.h"
#include "log.h"
#include "played_state.h"

static struct registry registry = {
    .host = (char *)"123456789012.dkr.ecr.eu-west-1.amazonaws.com",
    .account = (char *)"123456789012",
    .region = (char *)"eu-west-1",
};
static struct rule rules[1];
static struct config config;
static struct serving serving;
static struct stop stop;
static struct refusals *refusals;
static struct oci_error refusal;
static struct notice notice;
static struct metrics metrics;
static bool created;

static void setup(void)
{
	log_setup(LOG_LEVEL_ERROR + 1, LOG_FORMAT_TEXT);
	config = (struct config){.max_per_hour = 7, .timeout_s = 25};
	serving = (struct serving){.references = 1, .config = &config};
	ck_assert_int_eq(stop_init(&stop), 0);
	ck_assert_int_eq(refusals_new(&refusals), 0);
	metrics_init(&metrics);
	created = false;
}

static void teardown(void)
{
	glob_free(rules[0].match);
	rules[0] = (struct rule){};
	str_finish(&state.steps);
	str_finish(&state.request);
	str_finish(&state.settings);
	memset(&state, 0, sizeof(state));
	refusals_free(refusals);
	metrics_finish(&metrics);
	stop_finish(&stop);
}

/* How often a creation ended that way. */
static uint64_t counted(enum metrics_result result)
{
	return metrics_find(&metrics, registry.host)->creations[result];
}

static void use_rule(const char *match, enum rule_action action, const char *reason)
{
	rules[0] =
	    (struct rule){.name = (char *)"the-rule", .action = action, .reason = (char *)reason};
	ck_assert_int_eq(glob_compile(match, &rules[0].match, NULL), 0);
	config.rules.items = rules;
	config.rules.len = 1;
}

static int make(const char *repository, int64_t within_ms)
{
	const struct creation_context context = {
	    .refusals = refusals, .metrics = &metrics, .stop = &stop, .host_name = "buildhost"};
	const struct creation_request request = {
	    .serving = &serving,
	    .registry = &registry,
	    .repository = repository,
	    .user = "alice",
	    .deadline_ms = clock_mono_ms() + within_ms,
	};
	int r;

	refusal = (struct oci_error){};
	notice = (struct notice){};
	r = creation_make(&context, &request, &notice, &refusal);
	created = notice.text[0];
	return r;
}

START_TEST(the_spool_comes_before_the_call)
{
	setup();
	ck_assert_int_eq(make("team/app", 1000), 0);
	ck_assert(created);
	ck_assert_str_eq(str_text(&state.steps), "reserve begin create fulfil ");
	ck_assert_uint_eq(counted(METRICS_CREATED), 1);
	teardown();
}
END_TEST

START_TEST(the_pusher_is_told_by_which_rule)
{
	setup();
	use_rule("team/**", RULE_CREATE, NULL);
	ck_assert_int_eq(make("team/app", 1000), 0);
	ck_assert_str_eq(notice.text, "ecr-upsertd created repository team/app in "
				      "123456789012.dkr.ecr.eu-west-1.amazonaws.com "
				      "(rule the-rule, IMMUTABLE, scanned on push)");
	teardown();
}
END_TEST

/* All refusals so far hold the text. */
static void lists(const char *text)
{
	_cleanup_str_ struct str listed = {};

	ck_assert_int_eq(refusals_write(refusals, &listed), 0);
	ck_assert_msg(strstr(listed.data, text), "%s", listed.data);
}

START_TEST(what_it_is_given_is_noted)
{
	_cleanup_str_ struct str large = {};

	setup();
	ck_assert_int_eq(make("team/app", 1000), 0);
	ck_assert_str_eq(str_text(&state.settings),
	    "{\"imageTagMutability\":\"IMMUTABLE\",\"imageScanningConfiguration\":{\"scanOnPush\":"
	    "true}}");
	/* Nobody looks at that much. */
	ck_assert_int_eq(str_appendf(&large, "{\"a\":\"%*s\"}", CREATION_SETTINGS_MAX, ""), 0);
	use_rule("**", RULE_CREATE, NULL);
	rules[0].settings.lifecycle_policy = large.data;
	ck_assert_int_eq(make("team/api", 1000), 0);
	ck_assert_str_eq(str_text(&state.settings), "");
	teardown();
}
END_TEST

START_TEST(somebody_elses_is_never_touched)
{
	setup();
	state.creates[0] = ECR_ALREADY_EXISTS;
	ck_assert_int_eq(make("team/app", 1000), 0);
	ck_assert(!created);
	ck_assert_str_eq(str_text(&state.steps), "reserve begin create drop ");
	ck_assert_uint_eq(counted(METRICS_EXISTED), 1);
	ck_assert_uint_eq(counted(METRICS_CREATED), 0);
	teardown();
}
END_TEST

START_TEST(throttling_is_retried)
{
	setup();
	state.creates[0] = state.creates[1] = ECR_TRANSIENT;
	ck_assert_int_eq(make("team/app", 5000), 0);
	ck_assert(created);
	ck_assert_str_eq(str_text(&state.steps), "reserve begin create create create fulfil ");
	teardown();
}
END_TEST

/* The first try did create it, only its answer was lost. */
START_TEST(a_lost_answer_leaves_it_ours)
{
	static const struct {
		int is_ours;
		const char *steps;
	} cases[] = {
	    {1, "reserve begin create create is-ours fulfil "},
	    {0, "reserve begin create create is-ours drop "},
	    {-EAGAIN, "reserve begin create create is-ours unclear "},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		setup();
		state.creates[0] = ECR_UNCLEAR;
		state.creates[1] = ECR_ALREADY_EXISTS;
		state.is_ours = cases[i].is_ours;
		ck_assert_int_eq(make("team/app", 5000), 0);
		ck_assert_int_eq(created, cases[i].is_ours == 1);
		ck_assert_str_eq(str_text(&state.steps), cases[i].steps);
		teardown();
	}
}
END_TEST

/* Throttling says that nothing was created: what exists then is somebody else's. */
START_TEST(a_throttled_try_is_no_lost_answer)
{
	setup();
	state.creates[0] = ECR_TRANSIENT;
	state.creates[1] = ECR_ALREADY_EXISTS;
	ck_assert_int_eq(make("team/app", 5000), 0);
	ck_assert(!created);
	ck_assert_str_eq(str_text(&state.steps), "reserve begin create create drop ");
	teardown();
}
END_TEST

/* Whatever is answered to the next try. */
START_TEST(a_lost_answer_is_looked_into)
{
	setup();
	state.creates[0] = ECR_UNCLEAR;
	state.creates[1] = ECR_LIMIT_EXCEEDED;
	ck_assert_int_eq(make("team/app", 5000), -EPERM);
	ck_assert_str_eq(str_text(&state.steps), "reserve begin create create unclear ");
	teardown();
}
END_TEST

START_TEST(the_deadline_leaves_it_unclear)
{
	int64_t start_ms = clock_mono_ms();

	setup();
	for (int i = 0; i < 4; i++)
		state.creates[i] = ECR_UNCLEAR;
	ck_assert_int_eq(make("team/app", 500), -EPERM);
	ck_assert_uint_eq(refusal.status, 504);
	ck_assert_int_lt(clock_mono_ms() - start_ms, 2000);
	ck_assert_ptr_nonnull(strstr(str_text(&state.steps), "create unclear "));
	/* It may succeed later: the next push tries anew. */
	state.created = 0;
	state.creates[0] = ECR_DONE;
	ck_assert_int_eq(make("team/app", 500), 0);
	teardown();
}
END_TEST

static const struct {
	enum ecr_outcome outcome;
	unsigned status;
	const char *code;
	bool remembered;
} finals[] = {
    {ECR_LIMIT_EXCEEDED, 403, "DENIED", true},
    {ECR_ACCESS_DENIED, 403, "DENIED", true},
    {ECR_NO_CREDENTIALS, 403, "DENIED", false},
    {ECR_INVALID, 400, "UNSUPPORTED", true},
};

START_TEST(final_refusals_are_remembered)
{
	for (size_t i = 0; i < sizeof(finals) / sizeof(*finals); i++) {
		setup();
		for (int n = 0; n < 4; n++)
			state.creates[n] = finals[i].outcome;
		ck_assert_int_eq(make("team/app", 5000), -EPERM);
		ck_assert_uint_eq(refusal.status, finals[i].status);
		ck_assert_str_eq(refusal.code, finals[i].code);
		ck_assert_ptr_nonnull(strstr(refusal.message, "played"));
		ck_assert_str_eq(str_text(&state.steps), "reserve begin create drop ");
		ck_assert_int_eq(make("team/app", 5000), -EPERM);
		ck_assert_uint_eq(refusal.status, finals[i].status);
		ck_assert_uint_eq(state.created, finals[i].remembered ? 1 : 2);
		ck_assert_uint_eq(counted(METRICS_REFUSED), finals[i].remembered ? 1 : 2);
		ck_assert_uint_eq(counted(METRICS_REMEMBERED), finals[i].remembered ? 1 : 0);
		teardown();
	}
}
END_TEST

START_TEST(a_name_that_ecr_refuses_is_never_asked_for)
{
	setup();
	ck_assert_int_eq(make("a", 1000), -EPERM);
	ck_assert_uint_eq(refusal.status, 400);
	lists("lower-case letters");
	ck_assert_str_eq(str_text(&state.steps), "");
	ck_assert_uint_eq(counted(METRICS_REFUSED), 1);
	teardown();
}
END_TEST

START_TEST(a_rule_denies_with_its_reason)
{
	setup();
	use_rule("prod/**", RULE_DENY, "ask platform@");
	ck_assert_int_eq(make("prod/app", 1000), -EPERM);
	ck_assert_uint_eq(refusal.status, 403);
	ck_assert_ptr_nonnull(strstr(refusal.message, "the-rule"));
	ck_assert_ptr_nonnull(strstr(refusal.message, "ask platform@"));
	lists(
	    "\"remedy\":\"Push to a name that another rule allows, or have rule the-rule changed");
	ck_assert_str_eq(str_text(&state.steps), "");
	ck_assert_int_eq(make("prod/app", 1000), -EPERM);
	ck_assert_uint_eq(counted(METRICS_DENIED), 1);
	ck_assert_uint_eq(counted(METRICS_REMEMBERED), 1);
	ck_assert_int_eq(make("dev/app", 1000), 0);
	teardown();
}
END_TEST

START_TEST(over_budget_nothing_is_spooled)
{
	setup();
	state.over_budget = true;
	ck_assert_int_eq(make("team/app", 1000), -EPERM);
	ck_assert_uint_eq(refusal.status, 403);
	ck_assert_ptr_nonnull(strstr(refusal.message, "max_per_hour 7"));
	lists("raise create.max_per_hour");
	ck_assert_str_eq(str_text(&state.steps), "reserve ");
	ck_assert_uint_eq(counted(METRICS_OVER_BUDGET), 1);
	teardown();
}
END_TEST

START_TEST(without_the_spool_nothing_is_created)
{
	setup();
	state.disk_full = true;
	ck_assert_int_eq(make("team/app", 1000), -EPERM);
	ck_assert_uint_eq(refusal.status, 504);
	ck_assert_ptr_nonnull(strstr(refusal.message, "the disk is full"));
	lists("state directory");
	ck_assert_str_eq(str_text(&state.steps), "reserve begin release ");
	ck_assert_uint_eq(counted(METRICS_FAILED), 1);
	teardown();
}
END_TEST

START_TEST(a_rule_waits_for_the_cloud_side)
{
	setup();
	use_rule("cloud/**", RULE_WAIT, NULL);
	state.describes[0] = ECR_NOT_FOUND;
	ck_assert_int_eq(make("cloud/app", 5000), 0);
	ck_assert(!created);
	ck_assert_str_eq(str_text(&state.steps), "describe describe ");
	ck_assert_uint_eq(counted(METRICS_WAITED), 1);
	teardown();
}
END_TEST

START_TEST(without_the_right_it_waits_if_told_to)
{
	setup();
	config.wait_when_denied = true;
	state.creates[0] = ECR_ACCESS_DENIED;
	for (int i = 0; i < 4; i++)
		state.describes[i] = ECR_NOT_FOUND;
	ck_assert_int_eq(make("team/app", 1500), -EPERM);
	ck_assert_uint_eq(refusal.status, 504);
	ck_assert_ptr_nonnull(strstr(refusal.message, "played"));
	ck_assert_ptr_eq(
	    strstr(state.steps.data, "reserve begin create drop describe "), state.steps.data);
	/* The next push of the name does not ask again for what it may not do. */
	memset(state.describes, ECR_DONE, sizeof(state.describes));
	ck_assert_int_eq(make("team/app", 1500), 0);
	ck_assert_uint_eq(state.created, 1);
	ck_assert_uint_eq(counted(METRICS_FAILED), 1);
	ck_assert_uint_eq(counted(METRICS_WAITED), 1);
	ck_assert_uint_eq(counted(METRICS_REMEMBERED), 0);
	teardown();
}
END_TEST

UNIT(creation, the_spool_comes_before_the_call, what_it_is_given_is_noted,
    somebody_elses_is_never_touched, throttling_is_retried, a_lost_answer_leaves_it_ours,
    a_throttled_try_is_no_lost_answer, a_lost_answer_is_looked_into, the_deadline_leaves_it_unclear,
    final_refusals_are_remembered, a_name_that_ecr_refuses_is_never_asked_for,
    a_rule_denies_with_its_reason, the_pusher_is_told_by_which_rule, over_budget_nothing_is_spooled,
    without_the_spool_nothing_is_created, a_rule_waits_for_the_cloud_side,
    without_the_right_it_waits_if_told_to);

#include "lambda_making.h"

#include <errno.h>
#include <string.h>

#include "clock.h"
#include "ecr_policies.h"
#include "ecr_tags.h"
#include "making_repeat.h"
#include "making_settings.h"
#include "repository_name.h"

enum {
	TAGS_MAX = 50, /* of a repository (CreateRepository, API reference) */
	TAG_VALUE_MAX = 256,
};

/* One event under way. */
struct lambda_work {
	struct making making;
	const struct lambda_making *lambda;
	struct repository_settings settings;
	const char *mark; /* the value of LAMBDA_OWED_TAG; NULL: the repository gets none */
	struct lambda_outcome *outcome;
};

static void finish(struct lambda_work *work)
{
	repository_settings_finish(&work->settings);
	making_finish(&work->making);
}

static int fail(struct lambda_work *work, const char *reason, const char *why)
{
	work->outcome->result = LAMBDA_FAILED;
	work->outcome->reason = reason;
	return err_set(&work->outcome->why, -EPERM, "%s", why);
}

static int fail_by(struct lambda_work *work, enum ecr_outcome outcome, const struct err *why)
{
	static const char *const reasons[] = {
	    [ECR_DONE] = "Unknown",
	    [ECR_ALREADY_EXISTS] = "Unknown",
	    [ECR_NOT_FOUND] = "RepositoryNotFound",
	    [ECR_TRANSIENT] = "Unavailable",
	    [ECR_UNCLEAR] = "Unavailable",
	    [ECR_LIMIT_EXCEEDED] = "LimitExceeded",
	    [ECR_ACCESS_DENIED] = "AccessDenied",
	    [ECR_INVALID] = "Invalid",
	    [ECR_NO_CREDENTIALS] = "NoCredentials",
	};

	return fail(work, reasons[outcome], why->text);
}

/* The calls, for making_repeat(). */

static enum ecr_outcome create(const struct making *making, const void *what, struct err *why)
{
	const struct creation_request *request = making->request;

	return ecr_create_repository(
	    request->registry, request->repository, what, request->deadline_ms, why);
}

/* ECR needs a moment to know what it has just created. */
static enum ecr_outcome not_yet(enum ecr_outcome outcome)
{
	return outcome == ECR_NOT_FOUND ? ECR_TRANSIENT : outcome;
}

static enum ecr_outcome put_lifecycle(
    const struct making *making, const void *what, struct err *why)
{
	const struct creation_request *request = making->request;

	return not_yet(ecr_put_lifecycle_policy(
	    request->registry, request->repository, what, request->deadline_ms, why));
}

static enum ecr_outcome set_policy(const struct making *making, const void *what, struct err *why)
{
	const struct creation_request *request = making->request;

	return not_yet(ecr_set_repository_policy(
	    request->registry, request->repository, what, request->deadline_ms, why));
}

static enum ecr_outcome remove_mark(const struct making *making, const void *what, struct err *why)
{
	const struct creation_request *request = making->request;

	return not_yet(ecr_remove_tag(
	    request->registry, request->repository, what, request->deadline_ms, why));
}

struct look {
	const char *mark;
	bool *found;
};

static enum ecr_outcome look_for_mark(
    const struct making *making, const void *what, struct err *why)
{
	const struct creation_request *request = making->request;
	const struct look *look = what;

	return not_yet(ecr_has_tag(request->registry, request->repository, LAMBDA_OWED_TAG,
	    look->mark, request->deadline_ms, look->found, why));
}

/* The parts of the path, in order: 0, or −EPERM with the outcome. */

static int check_name(struct lambda_work *work)
{
	if (repository_name_is_valid(work->making.request->repository))
		return 0;
	work->outcome->result = LAMBDA_IGNORED;
	return err_set(&work->outcome->why, -EPERM, "no repository can have that name");
}

/* `wait` leaves a repository to the cloud side: that is here. */
static int ask_rules(struct lambda_work *work)
{
	struct making *making = &work->making;
	const struct creation_request *request = making->request;
	const struct rule *rule = rules_find(
	    &request->serving->config->rules, request->registry->host, request->repository);

	making->rule = rule;
	if (rule_describe(rule, &making->rule_name) < 0 ||
	    rule_describe(rule, &work->outcome->rule) < 0)
		return fail(work, "OutOfMemory", "out of memory");
	if (!rule || rule->action != RULE_DENY)
		return 0;
	work->outcome->result = LAMBDA_DENIED;
	work->outcome->reason = "Rule";
	return err_set(&work->outcome->why, -EPERM, "rule %s denies it%s%s",
	    str_text(&making->rule_name), rule->reason ? ": " : "",
	    rule->reason ? rule->reason : "");
}

/* The event's id, where it can stand in a tag. Another's would be as good, but for its length. */
static const char *mark_of(const char *event_id)
{
	static const char taken[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789-";

	if (!event_id || !*event_id || strlen(event_id) > TAG_VALUE_MAX ||
	    event_id[strspn(event_id, taken)])
		return "unknown";
	return event_id;
}

/* A fifty-first tag is not taken: then what is owed is lost with a delivery that fails. */
static int add_mark(struct lambda_work *work)
{
	struct repository_settings *settings = &work->settings;
	struct repository_tag tag = {.key = (char *)LAMBDA_OWED_TAG};
	const struct repository_settings over = {.tags = &tag, .tags_len = 1};

	if (!(settings->lifecycle_policy || settings->repository_policy) ||
	    settings->tags_len == TAGS_MAX)
		return 0;
	work->mark = mark_of(work->lambda->event_id);
	tag.value = (char *)work->mark;
	if (repository_settings_merge(settings, &over) < 0)
		return fail(work, "OutOfMemory", "out of memory");
	return 0;
}

static int settle_settings(struct lambda_work *work)
{
	const struct oci_error *refusal = work->making.refusal;

	if (making_settings(&work->making, &work->settings) < 0)
		return fail(
		    work, refusal->status == 504 ? "OutOfMemory" : "Settings", refusal->message);
	return add_mark(work);
}

static int take_budget(struct lambda_work *work)
{
	unsigned max = work->making.request->serving->config->max_per_hour;
	int r = lambda_budget_take(work->lambda->budget, max, clock_mono_ms());

	if (r == -ENOMEM)
		return fail(work, "OutOfMemory", "out of memory");
	if (r == 0)
		return 0;
	work->outcome->result = LAMBDA_FAILED;
	work->outcome->reason = "Budget";
	return err_set(&work->outcome->why, -EPERM,
	    "the %u that max_per_hour allows were created in the last hour by this execution "
	    "environment of the function: raise it, or find out who pushes so many",
	    max);
}

/* It exists: an earlier delivery of this event may have made it and not have come to its end. */
static int find_own(struct lambda_work *work)
{
	const struct look look = {work->mark, &work->making.created};
	enum ecr_outcome outcome;
	struct err why = {};

	if (!work->mark)
		return 0;
	outcome = making_repeat(&work->making, look_for_mark, &look, NULL, &why);
	return outcome == ECR_DONE ? 0 : fail_by(work, outcome, &why);
}

static int ask_ecr(struct lambda_work *work)
{
	enum ecr_outcome outcome;
	struct err why = {};
	int r;

	r = take_budget(work);
	if (r < 0)
		return r;
	outcome = making_repeat(&work->making, create, &work->settings, NULL, &why);
	work->making.created = outcome == ECR_DONE;
	if (outcome != ECR_DONE)
		lambda_budget_give_back(work->lambda->budget);
	if (outcome == ECR_ALREADY_EXISTS)
		return find_own(work);
	return outcome == ECR_DONE ? 0 : fail_by(work, outcome, &why);
}

/* What is done twice changes nothing. */
static int complete(struct lambda_work *work)
{
	const struct {
		making_call call;
		const char *what;
	} steps[] = {
	    {put_lifecycle, work->settings.lifecycle_policy},
	    {set_policy, work->settings.repository_policy},
	    {remove_mark, work->mark ? LAMBDA_OWED_TAG : NULL},
	};

	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		enum ecr_outcome outcome = ECR_DONE;
		struct err why = {};

		if (steps[i].what)
			outcome =
			    making_repeat(&work->making, steps[i].call, steps[i].what, NULL, &why);
		if (outcome != ECR_DONE)
			return fail_by(work, outcome, &why);
	}
	return 0;
}

void lambda_make(const struct lambda_making *lambda, const struct creation_request *request,
    struct lambda_outcome *ret)
{
	struct oci_error refusal = {};
	_cleanup_(finish) struct lambda_work work = {
	    .making = {.context = lambda->context, .request = request, .refusal = &refusal},
	    .lambda = lambda,
	    .outcome = ret,
	};
	int r;

	r = check_name(&work);
	if (r == 0)
		r = ask_rules(&work);
	if (r == 0)
		r = settle_settings(&work);
	if (r == 0)
		r = ask_ecr(&work);
	if (r == 0 && work.making.created)
		r = complete(&work);
	if (r == 0)
		ret->result = work.making.created ? LAMBDA_CREATED : LAMBDA_EXISTS;
}

#include "creation.h"

#include <errno.h>

#include "clock.h"
#include "ecr_api.h"
#include "log.h"
#include "making_repeat.h"
#include "making_settings.h"
#include "making_wait.h"
#include "repository_name.h"

#define WAIT_REMEDY                                                                               \
	"Push again in a minute; if it stays so, the cloud side does not create it: look at the " \
	"alarms and logs of its function"

static int deny(struct making *making)
{
	const char *reason = making->rule->reason;
	_cleanup_str_ struct str remedy = {};

	making->denial = METRICS_DENIED;
	oci_error_set(making->refusal, 403, "DENIED",
	    "does not exist in %s and is not created: rule %s denies it%s%s", making_host(making),
	    str_text(&making->rule_name), reason ? ": " : "", reason ? reason : "");
	/* Without memory it stays at the reason. */
	str_appendf(&remedy,
	    "Push to a name that another rule allows, or have rule %s changed in the configuration "
	    "of ecr-upsertd",
	    str_text(&making->rule_name));
	return making_remember(making, str_text(&remedy));
}

static int await_by_rule(struct making *making)
{
	_cleanup_str_ struct str why = {};
	int r;

	if (str_appendf(
		&why, "rule %s leaves that to the cloud side", str_text(&making->rule_name)) < 0)
		return making_out_of_memory(making);
	r = making_wait(making, str_text(&why));
	return r < 0 ? making_list(making, WAIT_REMEDY) : r;
}

/* Remembered as a 504, which says what the next push of the name may do. */
static int await_by_right(struct making *making, const struct err *why)
{
	oci_error_set(making->refusal, 504, "UNAVAILABLE", "%s", why->text);
	making_remember(making, WAIT_REMEDY);
	return making_wait(making, why->text);
}

static int reserve(struct making *making)
{
	unsigned max = making->request->serving->config->max_per_hour;

	if (created_reserve(making->context->created, max, clock_wall_ms()) == 0)
		return 0;
	making->denial = METRICS_OVER_BUDGET;
	oci_error_set(making->refusal, 403, "DENIED",
	    "does not exist in %s and is not created: the budget of this hour is used up "
	    "(max_per_hour %u); push again later, or raise it in the configuration of ecr-upsertd",
	    making_host(making), max);
	return making_remember(making,
	    "Push again when the first creations of the hour are an hour old, or raise "
	    "create.max_per_hour in the configuration");
}

/* On disk before anything is created, so that a crash loses nothing of it. */
static int spool(
    struct making *making, const struct repository_settings *settings, struct pending_entry **ret)
{
	const struct creation_request *request = making->request;
	_cleanup_str_ struct str given = {};
	struct owed owed = {
	    .registry = request->registry,
	    .repository = request->repository,
	    .rule = making->rule ? str_text(&making->rule_name) : NULL,
	    .user = request->user,
	    .lifecycle_policy = settings->lifecycle_policy,
	    .repository_policy = settings->repository_policy,
	};
	struct err e = {};

	if (repository_settings_write(settings, &given) < 0)
		return making_out_of_memory(making);
	if (given.len <= CREATION_SETTINGS_MAX)
		owed.settings = given.data;
	if (pending_begin(making->context->pending, &owed, ret, &e) == 0)
		return 0;
	oci_error_set(making->refusal, 504, "UNAVAILABLE",
	    "was not created: ecr-upsertd cannot note it in its state directory: %s", e.text);
	return making_list(making, "Make the state directory writable, with room on its disk");
}

static enum ecr_outcome ask_ecr(const struct making *making, const void *settings, struct err *why)
{
	const struct creation_request *request = making->request;

	return ecr_create_repository(
	    request->registry, request->repository, settings, request->deadline_ms, why);
}

/* Ends the hold on the entry, one way or another. */
static void settle(
    struct making *making, struct pending_entry *entry, enum ecr_outcome outcome, bool unclear)
{
	struct pending *pending = making->context->pending;
	int64_t deadline_ms = making->request->deadline_ms;
	struct err e = {};
	int ours = 0;

	if (outcome == ECR_ALREADY_EXISTS && unclear)
		ours = pending_is_ours(pending, entry, deadline_ms, &e);
	making->created = outcome == ECR_DONE || ours > 0;
	if (making->created)
		pending_fulfil(pending, entry, deadline_ms);
	else if (ours < 0 || (unclear && outcome != ECR_ALREADY_EXISTS))
		pending_unclear(pending, entry);
	else
		pending_drop(pending, entry);
}

/* The budget comes before calls are made for the settings. */
static int prepare(
    struct making *making, struct repository_settings *settings, struct pending_entry **ret)
{
	int r;

	r = reserve(making);
	if (r < 0)
		return r;
	r = making_settings(making, settings);
	if (r == 0)
		r = spool(making, settings, ret);
	if (r < 0)
		created_release(making->context->created);
	return r;
}

static int create(struct making *making)
{
	const struct creation_request *request = making->request;
	_cleanup_(repository_settings_finish) struct repository_settings settings = {};
	struct pending_entry *entry = NULL;
	enum ecr_outcome outcome;
	struct err why = {};
	bool unclear;
	int r;

	r = prepare(making, &settings, &entry);
	if (r < 0)
		return r;
	outcome = making_repeat(making, ask_ecr, &settings, &unclear, &why);
	settle(making, entry, outcome, unclear);
	if (making->created)
		notice_created(request->repository, request->registry->host,
		    making->rule ? str_text(&making->rule_name) : NULL, &settings, &making->notice);
	if (outcome == ECR_DONE || outcome == ECR_ALREADY_EXISTS) {
		log_info("repository %s in %s: %s, %s%s", request->repository,
		    request->registry->host, making->created ? "created" : "is there, not created",
		    making->rule ? "by rule " : "", str_text(&making->rule_name));
		return 0;
	}
	if (outcome == ECR_ACCESS_DENIED && request->serving->config->wait_when_denied)
		return await_by_right(making, &why);
	return making_refuse(making, outcome, &why);
}

static int decide(struct making *making)
{
	if (!making->rule || making->rule->action == RULE_CREATE)
		return create(making);
	return making->rule->action == RULE_DENY ? deny(making) : await_by_rule(making);
}

/* A remembered 504 says so: waiting is all that is left. */
static int wait_again(struct making *making)
{
	struct err why;

	err_set(&why, 0, "%s", making->refusal->message);
	return making_wait(making, why.text);
}

static int refuse_name(struct making *making)
{
	oci_error_set(making->refusal, 400, "UNSUPPORTED", REPOSITORY_NAME_REFUSED);
	return making_list(making, REPOSITORY_NAME_REMEDY);
}

static int make(struct making *making)
{
	const struct creation_request *request = making->request;
	const char *host = request->registry->host, *name = request->repository;

	if (!repository_name_is_valid(name))
		return refuse_name(making);
	if (refusals_find(
		making->context->refusals, host, name, clock_wall_ms(), making->refusal)) {
		making->denial = METRICS_REMEMBERED;
		return making->refusal->status == 504 ? wait_again(making) : -EPERM;
	}
	making->rule = rules_find(&request->serving->config->rules, host, name);
	if (rule_describe(making->rule, &making->rule_name) < 0)
		return making_out_of_memory(making);
	return decide(making);
}

static void count(const struct making *making, int r, int64_t ms)
{
	enum metrics_result result = making->denial;

	if (r == 0 && making->created)
		result = METRICS_CREATED;
	else if (r == 0)
		result = making->waited ? METRICS_WAITED : METRICS_EXISTED;
	else if (making->refusal->status == 504)
		result = METRICS_FAILED;
	if (making->context->metrics)
		metrics_creation(making->context->metrics, making_host(making), result, ms);
}

int creation_make(const struct creation_context *context, const struct creation_request *request,
    struct notice *ret_notice, struct oci_error *refusal)
{
	_cleanup_(making_finish) struct making making = {
	    .context = context, .request = request, .refusal = refusal, .denial = METRICS_REFUSED};
	int64_t start_ms = clock_mono_ms();
	int r;

	r = make(&making);
	if (making.created)
		*ret_notice = making.notice;
	count(&making, r, clock_mono_ms() - start_ms);
	return r;
}

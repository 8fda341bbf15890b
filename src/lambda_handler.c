#include "lambda_handler.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "ecr_host.h"
#include "lambda_event.h"
#include "lambda_making.h"

/* Before the deadline the answer must have reached the runtime API. */
enum { ANSWER_MS = 500 };

static void fail(struct lambda_answer *ret, const char *reason, const char *message)
{
	ret->failed = true;
	snprintf(ret->type, sizeof(ret->type), "EcrUpsertd.%s", reason);
	err_set(&ret->message, 0, "%s", message);
}

static void fail_outcome(struct lambda_outcome *outcome, const char *reason, const char *why)
{
	outcome->result = LAMBDA_FAILED;
	outcome->reason = reason;
	err_set(&outcome->why, 0, "%s", why);
}

/* What of the configuration says who creates there. Profiles are files that a function lacks. */
static const struct config_registry *find_configured(const struct config *config, const char *host)
{
	for (size_t i = 0; i < config->registries_len; i++)
		if (strcmp(config->registries[i].host, host) == 0)
			return &config->registries[i];
	return NULL;
}

/* Any: an event comes from AWS itself, and its registry is no address that we dial. */
static int find_registry(struct lambda_handler *handler, const struct lambda_event *event,
    const struct registry **ret, struct err *e)
{
	const struct config_registry *configured;
	char host[ECR_API_HOST_MAX];
	struct registry_choice choice = {.host = host};
	struct registry *registry;
	int r;

	r = ecr_host_format(event->account, event->region, host);
	if (r < 0)
		return err_set(e, r, "no registry is known in the region %s", event->region);
	configured = find_configured(handler->config, host);
	if (configured) {
		choice.role_arn = configured->role_arn;
		choice.external_id = configured->external_id;
	}
	r = registry_book_get(handler->book, &choice, &registry, e);
	if (r == 0)
		*ret = registry;
	return r;
}

static void make(struct lambda_handler *handler, const struct lambda_event *event,
    const struct registry *registry, int64_t deadline_ms, struct lambda_outcome *ret)
{
	const struct serving serving = {.config = (struct config *)handler->config};
	const struct creation_context context = {
	    .stop = handler->stop, .host_name = handler->host_name};
	const struct lambda_making making = {
	    .context = &context, .budget = &handler->budget, .event_id = event->id};
	const struct creation_request request = {
	    .serving = &serving,
	    .registry = registry,
	    .repository = event->repository,
	    .user = event->user,
	    .deadline_ms = deadline_ms,
	};

	lambda_make(&making, &request, ret);
}

static void decide(struct lambda_handler *handler, const struct lambda_event *event,
    int64_t deadline_ms, const struct registry **ret_registry, struct lambda_outcome *ret)
{
	struct err why = {};

	if (event->kind == LAMBDA_EVENT_JUNK)
		fail_outcome(ret, "NotJson", event->why.text);
	else if (event->kind != LAMBDA_EVENT_OURS) {
		ret->result = LAMBDA_IGNORED;
		ret->why = event->why;
	} else if (clock_left_ms(deadline_ms) == 0)
		fail_outcome(ret, "Timeout", "no time was left to begin");
	else if (find_registry(handler, event, ret_registry, &why) < 0)
		fail_outcome(ret, "Settings", why.text);
	else
		make(handler, event, *ret_registry, deadline_ms, ret);
}

static void report(const struct lambda_handler *handler, const struct lambda_report *report)
{
	_cleanup_str_ struct str line = {}, metric = {};

	if (log_enabled(lambda_report_level(report)) && lambda_report_write_log(report, &line) == 0)
		log_write_raw(line.data);
	if (lambda_report_write_metric(report, handler->function, clock_wall_ms(), &metric) == 0 &&
	    str_append_text(&metric, "\n") == 0)
		fputs(metric.data, handler->metrics);
	/* Nobody reads a buffer that is left when Lambda freezes the process. */
	fflush(handler->metrics);
}

static void handle_event(struct lambda_handler *handler, const struct lambda_event *event,
    int64_t deadline_ms, struct lambda_outcome *ret)
{
	const struct registry *registry = NULL;
	int64_t start_ms = clock_mono_ms();

	decide(handler, event, deadline_ms, &registry, ret);
	report(handler, &(const struct lambda_report){
			    .event_id = event->id,
			    .registry = registry ? registry->host : NULL,
			    .repository = event->repository,
			    .user = event->user,
			    .outcome = ret,
			    .ms = clock_mono_ms() - start_ms,
			});
}

static void handle_one(struct lambda_handler *handler, const struct lambda_event *event,
    int64_t deadline_ms, struct lambda_answer *ret)
{
	_cleanup_(lambda_outcome_finish) struct lambda_outcome outcome = {};

	handle_event(handler, event, deadline_ms, &outcome);
	if (outcome.result == LAMBDA_FAILED)
		fail(ret, outcome.reason, outcome.why.text);
	else if (str_appendf(&ret->body, "{\"result\":\"%s\"}", lambda_result_name(outcome.result)))
		fail(ret, "OutOfMemory", "out of memory");
}

/* One that cannot be named in the answer fails the whole batch: none may be lost. */
static int add_failure(const char *message_id, struct str *ret)
{
	int r;

	if (!message_id || !*message_id)
		return -EBADMSG;
	r = str_append_text(ret, ret->data[ret->len - 1] == '[' ? "" : ",");
	if (r == 0)
		r = str_append_text(ret, "{\"itemIdentifier\":");
	if (r == 0)
		r = json_write_string(ret, message_id);
	return r < 0 ? r : str_append_text(ret, "}");
}

/* Each record has its share of what time is left: one that is throttled must not take it all. */
static int handle_record(struct lambda_handler *handler, const struct lambda_event *batch, size_t i,
    int64_t deadline_ms, struct str *failures)
{
	_cleanup_(lambda_outcome_finish) struct lambda_outcome outcome = {};
	int64_t share_ms = clock_left_ms(deadline_ms) / (int64_t)(lambda_event_records(batch) - i);
	_cleanup_(lambda_event_finish) struct lambda_event event = {};
	const char *message_id;
	int r;

	r = lambda_event_record(batch, i, &event, &message_id);
	if (r < 0)
		return r;
	handle_event(handler, &event, clock_mono_ms() + share_ms, &outcome);
	return outcome.result == LAMBDA_FAILED ? add_failure(message_id, failures) : 0;
}

static void handle_batch(struct lambda_handler *handler, const struct lambda_event *batch,
    int64_t deadline_ms, struct lambda_answer *ret)
{
	int r;

	r = str_append_text(&ret->body, "{\"batchItemFailures\":[");
	for (size_t i = 0; i < lambda_event_records(batch) && r == 0; i++)
		r = handle_record(handler, batch, i, deadline_ms, &ret->body);
	if (r == 0)
		r = str_append_text(&ret->body, "]}");
	if (r == -EBADMSG)
		fail(ret, "Batch", "a record that failed has no messageId to name it by");
	else if (r < 0)
		fail(ret, "OutOfMemory", "out of memory");
}

void lambda_handle(struct lambda_handler *handler, const struct lambda_invocation *invocation,
    struct lambda_answer *ret)
{
	int64_t deadline_ms = invocation->deadline_ms - ANSWER_MS;
	_cleanup_(lambda_event_finish) struct lambda_event event = {};

	log_set_request_id(invocation->id);
	if (invocation->too_large) {
		event.kind = LAMBDA_EVENT_JUNK;
		err_set(&event.why, 0, "it is larger than Lambda's %d octets", LAMBDA_EVENT_MAX);
	} else if (lambda_event_read(str_text(&invocation->body), invocation->body.len, &event) <
		   0) {
		event.kind = LAMBDA_EVENT_JUNK;
		err_set(&event.why, 0, "out of memory");
	}
	if (event.kind == LAMBDA_EVENT_BATCH)
		handle_batch(handler, &event, deadline_ms, ret);
	else
		handle_one(handler, &event, deadline_ms, ret);
	log_set_request_id(NULL);
}

void lambda_answer_finish(struct lambda_answer *answer)
{
	str_finish(&answer->body);
}

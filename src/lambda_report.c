#include "lambda_report.h"

#include <inttypes.h>

#include "json.h"

#define NAMESPACE "ecr-upsertd"

static const struct {
	const char *name, *metric;
	enum log_level level;
} results[] = {
    [LAMBDA_CREATED] = {"created", "Created", LOG_LEVEL_INFO},
    [LAMBDA_EXISTS] = {"exists", "Existing", LOG_LEVEL_INFO},
    [LAMBDA_IGNORED] = {"ignored", "Ignored", LOG_LEVEL_INFO},
    [LAMBDA_DENIED] = {"denied", "Denied", LOG_LEVEL_WARN},
    [LAMBDA_FAILED] = {"failed", "Failed", LOG_LEVEL_ERROR},
};

void lambda_outcome_finish(struct lambda_outcome *outcome)
{
	str_finish(&outcome->rule);
}

const char *lambda_result_name(enum lambda_result result)
{
	return results[result].name;
}

enum log_level lambda_report_level(const struct lambda_report *report)
{
	return results[report->outcome->result].level;
}

static int write_member(struct str *ret, const char *name, const char *text)
{
	int r;

	if (!text || !*text)
		return 0;
	r = str_appendf(ret, ",\"%s\":", name);
	return r < 0 ? r : json_write_string(ret, text);
}

/* As a person reads it: "repository app in HOST: created, by rule". */
static int write_message(const struct lambda_report *report, struct str *ret)
{
	const struct lambda_outcome *outcome = report->outcome;
	_cleanup_str_ struct str message = {};
	int r = 0;

	if (report->repository && report->registry)
		r = str_appendf(
		    &message, "repository %s in %s: ", report->repository, report->registry);
	if (r == 0)
		r = str_appendf(&message, "%s%s%s", results[outcome->result].name,
		    *outcome->why.text ? ": " : "", outcome->why.text);
	return r < 0 ? r : write_member(ret, "message", str_text(&message));
}

int lambda_report_write_log(const struct lambda_report *report, struct str *ret)
{
	const struct lambda_outcome *outcome = report->outcome;
	int r;

	r = log_begin_json(lambda_report_level(report), ret);
	if (r == 0)
		r = write_message(report, ret);
	if (r == 0)
		r = write_member(ret, "event_id", report->event_id);
	if (r == 0)
		r = write_member(ret, "registry", report->registry);
	if (r == 0)
		r = write_member(ret, "repository", report->repository);
	if (r == 0)
		r = write_member(ret, "user", report->user);
	if (r == 0)
		r = write_member(ret, "rule", str_text(&outcome->rule));
	if (r == 0)
		r = write_member(ret, "result", results[outcome->result].name);
	if (r == 0)
		r = write_member(ret, "reason", outcome->reason);
	return r < 0 ? r : str_appendf(ret, ",\"ms\":%" PRId64 "}", report->ms);
}

int lambda_report_write_metric(
    const struct lambda_report *report, const char *function, int64_t now_ms, struct str *ret)
{
	const struct lambda_outcome *outcome = report->outcome;
	const char *metric = results[outcome->result].metric;
	int r;

	r = str_appendf(ret,
	    "{\"_aws\":{\"Timestamp\":%" PRId64
	    ",\"CloudWatchMetrics\":[{\"Namespace\":\"" NAMESPACE
	    "\",\"Dimensions\":[[\"FunctionName\"]%s],\"Metrics\":[{\"Name\":\"%s\",\"Unit\":"
	    "\"Count\"}]}]}",
	    now_ms, outcome->reason ? ",[\"FunctionName\",\"Reason\"]" : "", metric);
	if (r == 0)
		r = write_member(ret, "FunctionName", function);
	if (r == 0)
		r = write_member(ret, "Reason", outcome->reason);
	return r < 0 ? r : str_appendf(ret, ",\"%s\":1}", metric);
}

#include "unit.h"

#include <string.h>

#include "json.h"
#include "lambda_report.h"

static struct lambda_outcome outcome;
static struct lambda_report report = {
    .event_id = "e-1",
    .registry = "host",
    .repository = "team/app",
    .user = "dev",
    .outcome = &outcome,
    .ms = 12,
};
static struct str text;

static const struct json *read_text(struct json **root)
{
	ck_assert_int_eq(json_parse(text.data, text.len, root, NULL), 0);
	return *root;
}

static const char *member(const struct json *of, const char *name)
{
	const char *found = json_string(json_get(of, name));

	return found ? found : "(none)";
}

START_TEST(a_line_says_it_all)
{
	_cleanup_(json_freep) struct json *root = NULL;
	const struct json *line;

	outcome = (struct lambda_outcome){.result = LAMBDA_DENIED, .reason = "Rule"};
	str_append_text(&outcome.rule, "closed");
	err_set(&outcome.why, 0, "ask \"them\"\n");
	log_set_request_id("r-1");
	ck_assert_int_eq(lambda_report_write_log(&report, &text), 0);
	log_set_request_id(NULL);
	line = read_text(&root);
	ck_assert_str_eq(member(line, "request_id"), "r-1");
	ck_assert_str_eq(member(line, "event_id"), "e-1");
	ck_assert_str_eq(member(line, "level"), "warn");
	ck_assert_str_eq(
	    member(line, "message"), "repository team/app in host: denied: ask \"them\"\n");
	ck_assert_str_eq(member(line, "repository"), "team/app");
	ck_assert_str_eq(member(line, "registry"), "host");
	ck_assert_str_eq(member(line, "user"), "dev");
	ck_assert_str_eq(member(line, "rule"), "closed");
	ck_assert_str_eq(member(line, "result"), "denied");
	ck_assert_str_eq(member(line, "reason"), "Rule");
	ck_assert_int_eq((int)json_number(json_get(line, "ms"), 0), 12);
	ck_assert_ptr_null(strchr(text.data, '\n'));
	str_finish(&text);
	lambda_outcome_finish(&outcome);
}
END_TEST

START_TEST(what_is_not_known_is_not_said)
{
	const struct lambda_report bare = {.outcome = &outcome};
	_cleanup_(json_freep) struct json *root = NULL;
	const struct json *line;

	outcome = (struct lambda_outcome){.result = LAMBDA_IGNORED};
	err_set(&outcome.why, 0, "not ours");
	ck_assert_int_eq(lambda_report_write_log(&bare, &text), 0);
	line = read_text(&root);
	ck_assert_str_eq(member(line, "message"), "ignored: not ours");
	ck_assert_ptr_null(json_get(line, "repository"));
	ck_assert_ptr_null(json_get(line, "request_id"));
	str_finish(&text);
}
END_TEST

/* CloudWatch reads nothing that differs from the specification in any part. */
START_TEST(a_metric_is_in_the_embedded_format)
{
	outcome = (struct lambda_outcome){.result = LAMBDA_CREATED};
	ck_assert_int_eq(lambda_report_write_metric(&report, "fn", 1700000000123, &text), 0);
	ck_assert_str_eq(text.data,
	    "{\"_aws\":{\"Timestamp\":1700000000123,\"CloudWatchMetrics\":[{\"Namespace\":"
	    "\"ecr-upsertd\",\"Dimensions\":[[\"FunctionName\"]],\"Metrics\":[{\"Name\":"
	    "\"Created\",\"Unit\":\"Count\"}]}]},\"FunctionName\":\"fn\",\"Created\":1}");
	str_finish(&text);
	outcome = (struct lambda_outcome){.result = LAMBDA_FAILED, .reason = "AccessDenied"};
	ck_assert_int_eq(lambda_report_write_metric(&report, "fn", 1, &text), 0);
	ck_assert_str_eq(text.data,
	    "{\"_aws\":{\"Timestamp\":1,\"CloudWatchMetrics\":[{\"Namespace\":\"ecr-upsertd\","
	    "\"Dimensions\":[[\"FunctionName\"],[\"FunctionName\",\"Reason\"]],\"Metrics\":[{"
	    "\"Name\":\"Failed\",\"Unit\":\"Count\"}]}]},\"FunctionName\":\"fn\",\"Reason\":"
	    "\"AccessDenied\",\"Failed\":1}");
	str_finish(&text);
}
END_TEST

START_TEST(how_loud)
{
	static const enum log_level levels[] = {
	    [LAMBDA_CREATED] = LOG_LEVEL_INFO,
	    [LAMBDA_EXISTS] = LOG_LEVEL_INFO,
	    [LAMBDA_IGNORED] = LOG_LEVEL_INFO,
	    [LAMBDA_DENIED] = LOG_LEVEL_WARN,
	    [LAMBDA_FAILED] = LOG_LEVEL_ERROR,
	};

	for (enum lambda_result result = 0; result <= LAMBDA_FAILED; result++) {
		outcome = (struct lambda_outcome){.result = result};
		ck_assert_int_eq(lambda_report_level(&report), levels[result]);
	}
}
END_TEST

UNIT(lambda_report, a_line_says_it_all, what_is_not_known_is_not_said,
    a_metric_is_in_the_embedded_format, how_loud);

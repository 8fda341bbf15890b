#pragma once
/*
 * What came of one event, for people and for CloudWatch: a log line, and a metric in the embedded
 * format, which costs no call (CloudWatch user guide, "Embedded metric format specification"). No
 * dimension takes a repository's name. Pure.
 */
#include <stdint.h>

#include "err.h"
#include "log.h"

enum lambda_result {
	LAMBDA_CREATED, /* by this event, now or in an earlier delivery; with all that it is owed */
	LAMBDA_EXISTS,
	LAMBDA_IGNORED, /* not for us */
	LAMBDA_DENIED,  /* by a rule */
	LAMBDA_FAILED,  /* to be delivered again */
};

struct lambda_outcome {
	enum lambda_result result;
	const char *reason; /* of DENIED and FAILED, static: a dimension and an error type */
	struct str rule;    /* as people call it; may be empty */
	struct err why;     /* of all but CREATED and EXISTS: for a person */
};
void lambda_outcome_finish(struct lambda_outcome *outcome);

/* "created", "exists", "ignored", "denied", "failed" */
const char *lambda_result_name(enum lambda_result result);

/* NULL: not known. */
struct lambda_report {
	const char *event_id, *registry, *repository, *user;
	const struct lambda_outcome *outcome;
	int64_t ms; /* that it took */
};

enum log_level lambda_report_level(const struct lambda_report *report);
/* A JSON line without its newline, appended: 0 or −ENOMEM. */
int lambda_report_write_log(const struct lambda_report *report, struct str *ret);
/* The same; function: its name. now_ms: since the epoch. */
int lambda_report_write_metric(
    const struct lambda_report *report, const char *function, int64_t now_ms, struct str *ret);

#pragma once
/*
 * Makes the repository of one event by the team's rules, on the daemon's own engine, and all that
 * is owed to it here and now: a function has no disk on which to note it for later.
 *
 * What is not done by the deadline fails the event, and Lambda delivers it again. Then the
 * repository exists, and must be told from one that somebody else made, which is never touched: so
 * one to which a policy is owed is created with one more tag, LAMBDA_OWED_TAG, whose value is the
 * event's id, and loses it when the policies are in place. Only a delivery of that very event goes
 * on where an earlier one ended; whoever's repository has no such tag just exists.
 */
#include "lambda_budget.h"
#include "lambda_report.h"
#include "making.h"

#define LAMBDA_OWED_TAG "ecr-upsertd:owed"

struct lambda_making {
	const struct creation_context *context; /* but for stop and host_name: NULL */
	struct lambda_budget *budget;
	const char *event_id; /* or NULL: then it is told by its lack of one */
};

/* Until it is done or the request's deadline passes. *ret comes zeroed; lambda_outcome_finish() it.
 */
void lambda_make(const struct lambda_making *lambda, const struct creation_request *request,
    struct lambda_outcome *ret);

#pragma once
/* One step of what is owed to a repository: a call, or the line in created.jsonl. */
#include <stdbool.h>
#include <stdint.h>

#include "aws_api.h"
#include "created.h"
#include "err.h"
#include "registry.h"
#include "spooled.h"

enum follow_up_result {
	FOLLOW_UP_DONE,
	FOLLOW_UP_AGAIN,   /* throttled, no answer, no credentials, disk full: may pass */
	FOLLOW_UP_REFUSED, /* by its right or its text: until somebody changes that */
	FOLLOW_UP_MISSING, /* there is no such repository (yet) */
	FOLLOW_UP_FOREIGN, /* somebody else made it */
};

enum {
	/* ECR's clock and ours, as aws_api_now_s() knows it, differ by less. */
	FOLLOW_UP_CLOCK_S = AWS_CLOCK_STEP_S,
	/* From an entry's beginning to the creation: the time that all tries have (25 s), the last
	   call's own (10 s), and that a repository is made some time after the answer. */
	FOLLOW_UP_CREATION_S = 60,
};

/* Was it made by the request that was sent after the entry's time? created_at as ECR tells it. */
bool follow_up_is_ours(const struct spooled *spooled, double created_at);

/*
 * FOLLOW_UP_ASK, _LIFECYCLE or _POLICY: one call, with a text for all but DONE. AGAIN, too, when
 * the monotonic deadline has passed.
 */
enum follow_up_result follow_up_call(enum follow_up what, const struct spooled *spooled,
    const struct registry *registry, int64_t deadline_ms, struct err *e);

/*
 * FOLLOW_UP_RECORD. *counted: whether the budget counts it already, which it does afterwards.
 * may_be_there: an earlier run may have written the line. DONE, or AGAIN with a text.
 */
enum follow_up_result follow_up_record(const struct spooled *spooled, struct created *created,
    bool may_be_there, bool *counted, struct err *e);

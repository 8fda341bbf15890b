#pragma once
/* What the daemon does and how it is, as the JSON of /status; "reason": why it is not ready. */
#include <stdbool.h>

#include "created.h"
#include "ecr_token_cache.h"
#include "history.h"
#include "live.h"
#include "metrics.h"
#include "pending.h"
#include "refusals.h"
#include "serving.h"

/* Borrowed. */
struct status_context {
	struct ecr_token_cache *tokens;
	struct live *live;
	struct metrics *metrics;
	struct history *history;
	struct created *created;
	struct refusals *refusals;
	struct pending *pending;
	const _Atomic bool *stopping; /* no new client is let in any more */
	int64_t started_ms;           /* monotonic */
	struct serving_place *serving;
};

/* Can pushes work? If not: why. */
bool status_ready(const struct status_context *context, struct err *why);

/* Appends the object, on one line. now_ms: monotonic; time_ms: since the epoch. 0 or −ENOMEM. */
int status_write(
    const struct status_context *context, int64_t now_ms, int64_t time_ms, struct str *ret);

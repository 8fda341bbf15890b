#pragma once
/* What the daemon does and how it is, as the JSON of /status. */
#include <stdbool.h>

#include "ecr_token_cache.h"
#include "live.h"

/* Borrowed. */
struct status_context {
	struct ecr_token_cache *tokens;
	struct live *live;
	const _Atomic bool *stopping; /* no new client is let in any more */
	int64_t started_ms;           /* monotonic */
};

/* Can pushes work? If not: why. */
bool status_ready(const struct status_context *context, struct err *why);

/* Appends the object, on one line. 0 or −ENOMEM. */
int status_write(const struct status_context *context, int64_t now_ms, struct str *ret);

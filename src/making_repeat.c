#include "making_repeat.h"

#include "clock.h"
#include "log.h"

enum {
	RETRY_FIRST_MS = 200,
	RETRY_MAX_MS = 3200,
};

enum ecr_outcome making_repeat(const struct making *making, making_call call, const void *what,
    bool *ret_unclear, struct err *why)
{
	int64_t deadline_ms = making->request->deadline_ms, pause_ms = RETRY_FIRST_MS;
	bool unclear = false;
	enum ecr_outcome outcome;

	for (;;) {
		outcome = call(making, what, why);
		unclear = unclear || outcome == ECR_UNCLEAR;
		if (outcome != ECR_TRANSIENT && outcome != ECR_UNCLEAR)
			break;
		if (clock_left_ms(deadline_ms) <= pause_ms)
			break;
		log_debug("asking for %s again in %d ms: %s", making->request->repository,
		    (int)pause_ms, why->text);
		if (stop_sleep(making->context->stop, pause_ms))
			break;
		pause_ms = pause_ms < RETRY_MAX_MS ? pause_ms * 2 : RETRY_MAX_MS;
	}
	if (ret_unclear)
		*ret_unclear = unclear;
	return outcome;
}

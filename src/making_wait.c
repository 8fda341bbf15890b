#include "making_wait.h"

#include "clock.h"
#include "log.h"

/* CloudTrail takes seconds to minutes; a push that waits should not be noticed by ECR. */
enum { LOOK_MS = 1000, LAST_LOOK_MS = 200 };

static int give_up(struct making *making, const char *why)
{
	return oci_error_set(making->refusal, 504, "UNAVAILABLE",
	    "does not exist in %s, and nobody created it in the time that this push could wait, "
	    "push again: %s",
	    making_host(making), why);
}

/* The nearer the end the shorter: the last look is not a second before it. */
static int64_t pause_ms(const struct making *making)
{
	int64_t left_ms = clock_left_ms(making->request->deadline_ms);

	return left_ms / 2 < LOOK_MS ? left_ms / 2 : LOOK_MS;
}

int making_wait(struct making *making, const char *why)
{
	const struct creation_request *request = making->request;
	struct err e = {};

	making->waited = true;
	log_info("repository %s in %s: waiting for it to be created, %s", request->repository,
	    request->registry->host, why);
	while (clock_left_ms(request->deadline_ms) > LAST_LOOK_MS) {
		switch (ecr_describe_repository(
		    request->registry, request->repository, request->deadline_ms, NULL, &e)) {
		case ECR_DONE:
			making->refusal->status = 0;
			return 0;
		case ECR_ACCESS_DENIED:
			give_up(making, why);
			return 0;
		default:
			break;
		}
		if (stop_sleep(making->context->stop, pause_ms(making)))
			break;
	}
	return give_up(making, why);
}

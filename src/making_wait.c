#include "making_wait.h"

#include "clock.h"
#include "log.h"

/* CloudTrail takes seconds to minutes; a push that waits should not be noticed by ECR. */
enum { LOOK_MS = 1000 };

int making_wait(struct making *making, const char *why)
{
	const struct creation_request *request = making->request;
	struct err e = {};

	log_info("repository %s in %s: waiting for it to be created, %s", request->repository,
	    request->registry->host, why);
	while (clock_left_ms(request->deadline_ms) > LOOK_MS) {
		switch (ecr_describe_repository(
		    request->registry, request->repository, request->deadline_ms, NULL, &e)) {
		case ECR_DONE:
			return 0;
		case ECR_ACCESS_DENIED:
			return 0;
		default:
			break;
		}
		if (stop_sleep(making->context->stop, LOOK_MS))
			break;
	}
	return oci_error_set(making->refusal, 504, "UNAVAILABLE",
	    "does not exist in %s, and nobody created it in the time that this push could wait, "
	    "push again: %s",
	    request->registry->host, why);
}

#include "making.h"

#include <errno.h>

#include "clock.h"
#include "log.h"

void making_finish(struct making *making)
{
	str_finish(&making->rule_name);
}

const char *making_host(const struct making *making)
{
	return making->request->registry->host;
}

int making_out_of_memory(struct making *making)
{
	return oci_error_set(
	    making->refusal, 504, "UNAVAILABLE", "was not created: out of memory, push again");
}

static int note(struct making *making, bool passes, const char *remedy)
{
	const struct refused refused = {
	    .registry = making_host(making),
	    .repository = making->request->repository,
	    .rule = making->rule ? str_text(&making->rule_name) : NULL,
	    .remedy = remedy,
	    .passes = passes,
	    .time_ms = clock_wall_ms(),
	    .error = making->refusal,
	};

	if (making->context->refusals)
		refusals_note(making->context->refusals, &refused);
	log_warn("repository %s in %s was not created: %s", refused.repository, refused.registry,
	    making->refusal->message);
	return -EPERM;
}

int making_list(struct making *making, const char *remedy)
{
	return note(making, true, remedy);
}

int making_remember(struct making *making, const char *remedy)
{
	return note(making, false, remedy);
}

/*
 * The messages go on from the repository's name, which each client has in a form of its own. Docker
 * stops at once for DENIED and UNSUPPORTED (ECR's own word for a bad name), but pushes four more
 * times for NAME_INVALID, over 50 s (moby, distribution/errors.go, retryOnError).
 */
int making_refuse(struct making *making, enum ecr_outcome outcome, const struct err *why)
{
	switch (outcome) {
	case ECR_TRANSIENT:
	case ECR_UNCLEAR:
		oci_error_set(making->refusal, 504, "UNAVAILABLE",
		    "could not be created in %s in time, push again: %s", making_host(making),
		    why->text);
		return making_list(making,
		    "Push again; if it stays so, ecr-upsertd doctor shows what does not answer");
	case ECR_INVALID:
		oci_error_set(making->refusal, 400, "UNSUPPORTED", "cannot be created in %s: %s",
		    making_host(making), why->text);
		return making_remember(making,
		    "Correct the settings of its rule in the configuration: ecr-upsertd plan shows "
		    "the request");
	default:
		break;
	}
	oci_error_set(making->refusal, 403, "DENIED",
	    "does not exist in %s and cannot be created: %s", making_host(making), why->text);
	switch (outcome) {
	case ECR_NO_CREDENTIALS:
		/* Not remembered: keys are renewed at any time. */
		return making_list(making,
		    "Renew the AWS credentials of the daemon: ecr-upsertd doctor shows where they "
		    "come from");
	case ECR_LIMIT_EXCEEDED:
		return making_remember(making,
		    "Delete repositories that nobody needs, or have the quota \"Registered "
		    "repositories\" raised");
	default:
		return making_remember(making,
		    "Have ecr:CreateRepository given to the AWS identity of the daemon, or set "
		    "create.on_access_denied to \"wait\" where the cloud side creates");
	}
}

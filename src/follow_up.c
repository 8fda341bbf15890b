#include "follow_up.h"

#include <string.h>

#include "ecr_api.h"
#include "ecr_policies.h"

bool follow_up_is_ours(const struct spooled *spooled, double created_at)
{
	double after_s = created_at - (double)spooled->aws_time_s;

	return after_s >= -FOLLOW_UP_CLOCK_S && after_s <= FOLLOW_UP_CREATION_S + FOLLOW_UP_CLOCK_S;
}

static enum follow_up_result result_of(enum ecr_outcome outcome)
{
	switch (outcome) {
	case ECR_DONE:
		return FOLLOW_UP_DONE;
	case ECR_NOT_FOUND:
		return FOLLOW_UP_MISSING;
	case ECR_TRANSIENT:
	case ECR_UNCLEAR:
	case ECR_NO_CREDENTIALS: /* they are renewed, sooner or later */
		return FOLLOW_UP_AGAIN;
	case ECR_ALREADY_EXISTS:
	case ECR_LIMIT_EXCEEDED:
	case ECR_ACCESS_DENIED:
	case ECR_INVALID:
		break;
	}
	return FOLLOW_UP_REFUSED;
}

static enum follow_up_result ask(const struct spooled *spooled, const struct registry *registry,
    int64_t deadline_ms, struct err *e)
{
	double created_at = 0;
	enum ecr_outcome outcome =
	    ecr_describe_repository(registry, spooled->repository, deadline_ms, &created_at, e);

	if (outcome != ECR_DONE || follow_up_is_ours(spooled, created_at))
		return result_of(outcome);
	return err_set(e, FOLLOW_UP_FOREIGN, "it was not created by this daemon's request");
}

enum follow_up_result follow_up_call(enum follow_up what, const struct spooled *spooled,
    const struct registry *registry, int64_t deadline_ms, struct err *e)
{
	switch (what) {
	case FOLLOW_UP_LIFECYCLE:
		return result_of(ecr_put_lifecycle_policy(
		    registry, spooled->repository, spooled->lifecycle_policy, deadline_ms, e));
	case FOLLOW_UP_POLICY:
		return result_of(ecr_set_repository_policy(
		    registry, spooled->repository, spooled->repository_policy, deadline_ms, e));
	default:
		return ask(spooled, registry, deadline_ms, e);
	}
}

enum follow_up_result follow_up_record(const struct spooled *spooled, struct created *created,
    bool may_be_there, bool *counted, struct err *e)
{
	const struct creation_record record = {
	    .registry = spooled->registry,
	    .repository = spooled->repository,
	    .rule = spooled->rule,
	    .user = spooled->user,
	    .time_ms = spooled->time_ms,
	    .settings = spooled->settings,
	};
	int r = may_be_there ? created_has(created, &record) : 0;

	if (r == 1 && !*counted)
		created_release(created); /* its line was counted when the file was read */
	if (r == 1)
		*counted = true;
	if (r == 0) {
		r = *counted ? created_write(created, &record) : created_note(created, &record);
		*counted = true;
	}
	if (r < 0)
		return err_set(e, FOLLOW_UP_AGAIN, "cannot write created.jsonl: %s", strerror(-r));
	return FOLLOW_UP_DONE;
}

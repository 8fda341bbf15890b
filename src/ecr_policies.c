#include "ecr_policies.h"

/* Both take the same three members; the policy is a text within the JSON. */
static int write_body(
    const struct ecr_call *call, const char *member, const char *policy, struct str *ret)
{
	int r;

	r = str_append_text(ret, "{\"registryId\":");
	if (r >= 0)
		r = json_write_string(ret, call->registry->account);
	if (r >= 0)
		r = str_append_text(ret, ",\"repositoryName\":");
	if (r >= 0)
		r = json_write_string(ret, call->repository);
	if (r >= 0)
		r = str_appendf(ret, ",\"%s\":", member);
	if (r >= 0)
		r = json_write_string(ret, policy);
	return r < 0 ? r : str_append_text(ret, "}");
}

static enum ecr_outcome put(
    struct ecr_call *call, const char *member, const char *policy, struct err *e)
{
	_cleanup_(aws_reply_finish) struct aws_reply reply = {};
	_cleanup_str_ struct str body = {};
	enum ecr_outcome outcome;

	if (write_body(call, member, policy, &body) < 0)
		return err_set(e, ECR_TRANSIENT, "out of memory");
	call->body = body.data;
	outcome = ecr_call(call, &reply, e);
	/* ECR repeats the policy: a portal's page does not. */
	if (outcome == ECR_DONE && !json_get(reply.body, member))
		return ecr_call_refuse_answer(call, e);
	return outcome;
}

enum ecr_outcome ecr_put_lifecycle_policy(const struct registry *registry, const char *repository,
    const char *policy, int64_t deadline_ms, struct err *e)
{
	struct ecr_call call = {registry, "PutLifecyclePolicy", repository, NULL, deadline_ms};

	return put(&call, "lifecyclePolicyText", policy, e);
}

enum ecr_outcome ecr_set_repository_policy(const struct registry *registry, const char *repository,
    const char *policy, int64_t deadline_ms, struct err *e)
{
	struct ecr_call call = {registry, "SetRepositoryPolicy", repository, NULL, deadline_ms};

	return put(&call, "policyText", policy, e);
}

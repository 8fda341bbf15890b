#include "ecr_tags.h"

#include <errno.h>
#include <string.h>

#include "ecr_host.h"

/* {"resourceArn":…, to which the caller appends the rest. */
static int write_arn(const struct ecr_call *call, struct str *ret)
{
	const struct registry *registry = call->registry;
	const char *partition = ecr_region_partition(registry->region);
	_cleanup_str_ struct str arn = {};
	int r;

	r = str_appendf(&arn, "arn:%s:ecr:%s:%s:repository/%s", partition ? partition : "aws",
	    registry->region, registry->account, call->repository);
	if (r >= 0)
		r = str_append_text(ret, "{\"resourceArn\":");
	return r < 0 ? r : json_write_string(ret, str_text(&arn));
}

static bool is_tag(const struct json *tag, const char *key, const char *value)
{
	const char *its_key = json_string(json_get(tag, "Key"));
	const char *its_value = json_string(json_get(tag, "Value"));

	return its_key && its_value && strcmp(its_key, key) == 0 && strcmp(its_value, value) == 0;
}

enum ecr_outcome ecr_has_tag(const struct registry *registry, const char *repository,
    const char *key, const char *value, int64_t deadline_ms, bool *ret, struct err *e)
{
	struct ecr_call call = {registry, "ListTagsForResource", repository, NULL, deadline_ms};
	_cleanup_(aws_reply_finish) struct aws_reply reply = {};
	_cleanup_str_ struct str body = {};
	const struct json *tags;
	enum ecr_outcome outcome;

	if (write_arn(&call, &body) < 0 || str_append_text(&body, "}") < 0)
		return err_set(e, ECR_TRANSIENT, "out of memory");
	call.body = body.data;
	outcome = ecr_call(&call, &reply, e);
	if (outcome != ECR_DONE)
		return outcome;
	tags = json_get(reply.body, "tags");
	if (!tags || json_kind(tags) != JSON_ARRAY)
		return ecr_call_refuse_answer(&call, e);
	*ret = false;
	for (size_t i = 0; i < json_len(tags) && !*ret; i++)
		*ret = is_tag(json_at(tags, i), key, value);
	return ECR_DONE;
}

enum ecr_outcome ecr_remove_tag(const struct registry *registry, const char *repository,
    const char *key, int64_t deadline_ms, struct err *e)
{
	struct ecr_call call = {registry, "UntagResource", repository, NULL, deadline_ms};
	_cleanup_(aws_reply_finish) struct aws_reply reply = {};
	_cleanup_str_ struct str body = {};
	enum ecr_outcome outcome;

	if (write_arn(&call, &body) < 0 || str_append_text(&body, ",\"tagKeys\":[") < 0 ||
	    json_write_string(&body, key) < 0 || str_append_text(&body, "]}") < 0)
		return err_set(e, ECR_TRANSIENT, "out of memory");
	call.body = body.data;
	outcome = ecr_call(&call, &reply, e);
	/* ECR answers {}: a portal's page is no JSON. */
	if (outcome == ECR_DONE && !reply.body)
		return ecr_call_refuse_answer(&call, e);
	return outcome;
}

#include "ecr_call.h"

#include <errno.h>
#include <string.h>

#include "ecr_host.h"

#define TARGET_PREFIX "AmazonEC2ContainerRegistry_V20150921."

static bool is_code(const struct aws_reply *reply, const char *code)
{
	return reply->code && !strcmp(reply->code, code);
}

static enum ecr_outcome classify(const struct aws_reply *reply)
{
	switch (aws_reply_verdict(reply)) {
	case AWS_DONE:
		return ECR_DONE;
	case AWS_TRANSIENT:
		return ECR_TRANSIENT;
	case AWS_KEYS_REFUSED:
		return ECR_NO_CREDENTIALS;
	case AWS_ACCESS_DENIED:
		return ECR_ACCESS_DENIED;
	case AWS_REFUSED:
		break;
	}
	if (is_code(reply, "RepositoryAlreadyExistsException"))
		return ECR_ALREADY_EXISTS;
	if (is_code(reply, "RepositoryNotFoundException"))
		return ECR_NOT_FOUND;
	if (is_code(reply, "LimitExceededException"))
		return ECR_LIMIT_EXCEEDED;
	return ECR_INVALID;
}

static const char *partition(const struct registry *registry)
{
	const char *name = ecr_region_partition(registry->region);

	return name ? name : "aws";
}

static void explain_denied(const struct ecr_call *call, const char *answer, struct err *e)
{
	const struct registry *registry = call->registry;

	if (!call->repository)
		err_set(e, 0,
		    "this AWS identity lacks ecr:%s on *: ask an administrator of its account for "
		    "it (%s)",
		    call->name, answer);
	else
		err_set(e, 0,
		    "this AWS identity lacks ecr:%s on arn:%s:ecr:%s:%s:repository/%s: ask an "
		    "administrator of account %s for it (%s)",
		    call->name, partition(registry), registry->region, registry->account,
		    call->repository, registry->account, answer);
}

static void explain(const struct ecr_call *call, enum ecr_outcome outcome,
    const struct aws_reply *reply, struct err *e)
{
	const struct registry *registry = call->registry;
	_cleanup_str_ struct str described = {};
	const char *answer;

	/* Without memory it stays at what to do. */
	aws_reply_describe(reply, &described);
	answer = str_text(&described);
	switch (outcome) {
	case ECR_ACCESS_DENIED:
		explain_denied(call, answer, e);
		break;
	case ECR_LIMIT_EXCEEDED:
		err_set(e, 0,
		    "account %s has all the repositories in %s that its quota allows: delete some, "
		    "or have the quota \"Registered repositories\" raised (%s)",
		    registry->account, registry->region, answer);
		break;
	case ECR_NO_CREDENTIALS:
		err_set(e, 0,
		    "AWS refuses the keys of this daemon: renew them (a file is read anew, the "
		    "environment needs a restart) and check the clock (%s)",
		    answer);
		break;
	case ECR_TRANSIENT:
		err_set(e, 0, "%s answers %s", registry->ecr_url, answer);
		break;
	default:
		/* ECR names its errors; a proxy's or portal's page does not. */
		if (*reply->code)
			err_set(e, 0, "ECR refuses %s: correct the name or the settings (%s)",
			    call->name, answer);
		else
			err_set(e, 0,
			    "%s does not answer %s as ECR does: check AWS_ENDPOINT_URL_ECR and the "
			    "network (%s)",
			    registry->ecr_url, call->name, answer);
		break;
	}
}

enum ecr_outcome ecr_call(const struct ecr_call *call, struct aws_reply *ret, struct err *e)
{
	_cleanup_str_ struct str target = {};
	struct aws_call aws_call = {
	    .url = call->registry->ecr_url,
	    .region = call->registry->region,
	    .service = "ecr",
	    .body = call->body,
	    .deadline_ms = call->deadline_ms,
	};
	enum ecr_outcome outcome;
	int r;

	r = str_appendf(&target, TARGET_PREFIX "%s", call->name);
	if (r < 0)
		return err_set(e, ECR_TRANSIENT, "out of memory");
	aws_call.target = target.data;
	r = aws_api_call(call->registry->api, &aws_call, ret, e);
	if (r < 0)
		return r == -ENOENT ? ECR_NO_CREDENTIALS : ECR_TRANSIENT;
	outcome = classify(ret);
	if (outcome != ECR_DONE)
		explain(call, outcome, ret, e);
	return outcome;
}

enum ecr_outcome ecr_call_refuse_answer(const struct ecr_call *call, struct err *e)
{
	return err_set(e, ECR_TRANSIENT,
	    "%s does not answer %s as ECR does: check AWS_ENDPOINT_URL_ECR and the network",
	    call->registry->ecr_url, call->name);
}

#include "ecr_api.h"

#include <errno.h>
#include <string.h>

#include "clock.h"
#include "ecr_host.h"

#define TARGET_PREFIX "AmazonEC2ContainerRegistry_V20150921."

enum {
	/* What ECR gives a token (GetAuthorizationToken, API reference). */
	TOKEN_LIFE_S = 12 * 3600,
	/* So that refreshing at half-life never becomes a busy loop. */
	TOKEN_LIFE_MIN_S = 2,
};

/* One call and what its refusals are to say. */
struct operation {
	const struct registry *registry;
	const char *name;       /* of the API's operation, which is the right's too */
	const char *repository; /* or NULL */
	const char *body;
	int64_t deadline_ms;
};

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

static void explain_denied(const struct operation *operation, const char *answer, struct err *e)
{
	const struct registry *registry = operation->registry;

	if (!operation->repository)
		err_set(e, 0,
		    "this AWS identity lacks ecr:%s on *: ask an administrator of its account for "
		    "it (%s)",
		    operation->name, answer);
	else
		err_set(e, 0,
		    "this AWS identity lacks ecr:%s on arn:%s:ecr:%s:%s:repository/%s: ask an "
		    "administrator of account %s for it (%s)",
		    operation->name, partition(registry), registry->region, registry->account,
		    operation->repository, registry->account, answer);
}

static void explain(const struct operation *operation, enum ecr_outcome outcome,
    const struct aws_reply *reply, struct err *e)
{
	const struct registry *registry = operation->registry;
	_cleanup_str_ struct str described = {};
	const char *answer;

	/* Without memory it stays at what to do. */
	aws_reply_describe(reply, &described);
	answer = str_text(&described);
	switch (outcome) {
	case ECR_ACCESS_DENIED:
		explain_denied(operation, answer, e);
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
			    operation->name, answer);
		else
			err_set(e, 0,
			    "%s does not answer %s as ECR does: check AWS_ENDPOINT_URL_ECR and the "
			    "network (%s)",
			    registry->ecr_url, operation->name, answer);
		break;
	}
}

/* The outcome by the answer's code; what a 2xx says is the caller's to read. */
static enum ecr_outcome call_ecr(
    const struct operation *operation, struct aws_reply *ret, struct err *e)
{
	_cleanup_str_ struct str target = {};
	struct aws_call call = {
	    .url = operation->registry->ecr_url,
	    .region = operation->registry->region,
	    .service = "ecr",
	    .body = operation->body,
	    .deadline_ms = operation->deadline_ms,
	};
	enum ecr_outcome outcome;
	int r;

	r = str_appendf(&target, TARGET_PREFIX "%s", operation->name);
	if (r < 0)
		return err_set(e, ECR_TRANSIENT, "out of memory");
	call.target = target.data;
	r = aws_api_call(operation->registry->api, &call, ret, e);
	if (r < 0)
		return r == -ENOENT ? ECR_NO_CREDENTIALS : ECR_TRANSIENT;
	outcome = classify(ret);
	if (outcome != ECR_DONE)
		explain(operation, outcome, ret, e);
	return outcome;
}

/* A 2xx that is not ECR's: a proxy's or portal's page, say. */
static enum ecr_outcome refuse_answer(const struct operation *operation, struct err *e)
{
	return err_set(e, ECR_TRANSIENT,
	    "%s does not answer %s as ECR does: check AWS_ENDPOINT_URL_ECR and the network",
	    operation->registry->ecr_url, operation->name);
}

enum ecr_outcome ecr_create_repository(const struct registry *registry, const char *repository,
    const struct repository_settings *settings, int64_t deadline_ms, struct err *e)
{
	_cleanup_(aws_reply_finish) struct aws_reply reply = {};
	_cleanup_str_ struct str body = {};
	struct operation operation = {registry, "CreateRepository", repository, NULL, deadline_ms};
	enum ecr_outcome outcome;

	if (repository_settings_write_request(settings, registry->account, repository, &body) < 0)
		return err_set(e, ECR_TRANSIENT, "out of memory");
	operation.body = body.data;
	outcome = call_ecr(&operation, &reply, e);
	if (outcome == ECR_DONE && !json_get(reply.body, "repository"))
		return refuse_answer(&operation, e);
	return outcome;
}

static int write_describe(const struct registry *registry, const char *repository, struct str *ret)
{
	int r;

	r = str_append_text(ret, "{\"registryId\":");
	if (r >= 0)
		r = json_write_string(ret, registry->account);
	if (r >= 0)
		r = str_append_text(ret, ",\"repositoryNames\":[");
	if (r >= 0)
		r = json_write_string(ret, repository);
	return r < 0 ? r : str_append_text(ret, "]}");
}

enum ecr_outcome ecr_describe_repository(
    const struct registry *registry, const char *repository, int64_t deadline_ms, struct err *e)
{
	_cleanup_(aws_reply_finish) struct aws_reply reply = {};
	_cleanup_str_ struct str body = {};
	struct operation operation = {
	    registry, "DescribeRepositories", repository, NULL, deadline_ms};
	enum ecr_outcome outcome;

	if (write_describe(registry, repository, &body) < 0)
		return err_set(e, ECR_TRANSIENT, "out of memory");
	operation.body = body.data;
	outcome = call_ecr(&operation, &reply, e);
	if (outcome == ECR_DONE && !json_at(json_get(reply.body, "repositories"), 0))
		return refuse_answer(&operation, e);
	return outcome;
}

/* It becomes part of a header: base64 and nothing else. */
static bool is_token(const char *token)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/-_=";

	return token && *token && !token[strspn(token, letters)];
}

/*
 * The rest of a token's life by our own clock, which may differ from the service's. One that is
 * over, beyond all that ECR gives, or missing is not believed but taken for the usual 12 h (moto
 * says 2015; a token that has really expired is noticed when it is refused).
 */
static int64_t expiry_s(const struct aws_api *api, double claimed_s)
{
	double life_s = claimed_s - (double)aws_api_now_s(api);

	if (!(life_s > 0 && life_s < TOKEN_LIFE_S))
		life_s = TOKEN_LIFE_S;
	if (life_s < TOKEN_LIFE_MIN_S)
		life_s = TOKEN_LIFE_MIN_S;
	return clock_wall_s() + (int64_t)life_s;
}

enum ecr_outcome ecr_get_authorization_token(const struct registry *registry, int64_t deadline_ms,
    char **ret_token, int64_t *ret_expires_s, struct err *e)
{
	_cleanup_(aws_reply_finish) struct aws_reply reply = {};
	const struct operation operation = {
	    registry, "GetAuthorizationToken", NULL, "{}", deadline_ms};
	enum ecr_outcome outcome = call_ecr(&operation, &reply, e);
	const struct json *data;
	const char *token;

	if (outcome != ECR_DONE)
		return outcome;
	data = json_at(json_get(reply.body, "authorizationData"), 0);
	token = json_string(json_get(data, "authorizationToken"));
	if (!is_token(token))
		return refuse_answer(&operation, e);
	*ret_token = strdup(token);
	if (!*ret_token)
		return err_set(e, ECR_TRANSIENT, "out of memory");
	*ret_expires_s = expiry_s(registry->api, json_number(json_get(data, "expiresAt"), 0));
	return ECR_DONE;
}

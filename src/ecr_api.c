#include "ecr_api.h"

#include <errno.h>
#include <string.h>

#include "clock.h"
#include "ecr_call.h"

enum {
	/* What ECR gives a token (GetAuthorizationToken, API reference). */
	TOKEN_LIFE_S = 12 * 3600,
	/* So that refreshing at half-life never becomes a busy loop. */
	TOKEN_LIFE_MIN_S = 2,
};

/* Throttling is an answer; after 5xx, or none, nobody knows. */
static bool is_clear(const struct aws_reply *reply)
{
	return reply->status >= 400 && reply->status < 500;
}

enum ecr_outcome ecr_create_repository(const struct registry *registry, const char *repository,
    const struct repository_settings *settings, int64_t deadline_ms, struct err *e)
{
	_cleanup_(aws_reply_finish) struct aws_reply reply = {};
	_cleanup_str_ struct str body = {};
	struct ecr_call call = {registry, "CreateRepository", repository, NULL, deadline_ms};
	enum ecr_outcome outcome;

	if (repository_settings_write_request(settings, registry->account, repository, &body) < 0)
		return err_set(e, ECR_TRANSIENT, "out of memory");
	call.body = body.data;
	outcome = ecr_call(&call, &reply, e);
	if (outcome == ECR_DONE && !json_get(reply.body, "repository"))
		outcome = ecr_call_refuse_answer(&call, e);
	return outcome == ECR_TRANSIENT && !is_clear(&reply) ? ECR_UNCLEAR : outcome;
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

enum ecr_outcome ecr_describe_repository(const struct registry *registry, const char *repository,
    int64_t deadline_ms, double *ret_created_at, struct err *e)
{
	_cleanup_(aws_reply_finish) struct aws_reply reply = {};
	_cleanup_str_ struct str body = {};
	struct ecr_call call = {registry, "DescribeRepositories", repository, NULL, deadline_ms};
	const struct json *found;
	enum ecr_outcome outcome;

	if (write_describe(registry, repository, &body) < 0)
		return err_set(e, ECR_TRANSIENT, "out of memory");
	call.body = body.data;
	outcome = ecr_call(&call, &reply, e);
	if (outcome != ECR_DONE)
		return outcome;
	found = json_at(json_get(reply.body, "repositories"), 0);
	if (!found)
		return ecr_call_refuse_answer(&call, e);
	if (ret_created_at)
		*ret_created_at = json_number(json_get(found, "createdAt"), 0);
	return ECR_DONE;
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
	const struct ecr_call call = {registry, "GetAuthorizationToken", NULL, "{}", deadline_ms};
	enum ecr_outcome outcome = ecr_call(&call, &reply, e);
	const struct json *data;
	const char *token;

	if (outcome != ECR_DONE)
		return outcome;
	data = json_at(json_get(reply.body, "authorizationData"), 0);
	token = json_string(json_get(data, "authorizationToken"));
	if (!is_token(token))
		return ecr_call_refuse_answer(&call, e);
	*ret_token = strdup(token);
	if (!*ret_token)
		return err_set(e, ECR_TRANSIENT, "out of memory");
	*ret_expires_s = expiry_s(registry->api, json_number(json_get(data, "expiresAt"), 0));
	return ECR_DONE;
}

#include "cred_sso.h"

#include <errno.h>

#include "aws_reply.h"
#include "aws_settings.h"
#include "clock.h"
#include "cred_json.h"
#include "limits.h"
#include "query.h"
#include "sso_token.h"

/* As in every AWS SDK's standard mode; the whole of it has the time of one call. */
enum { TRIES = 3, PAUSE_MS = 500 };

/* One look, over its tries. */
struct asking {
	const struct credential_sources *sources;
	struct sso_settings settings;
	char *sso_url, *oidc_url;
	char *token;
	int64_t deadline_ms;
	struct aws_reply reply;
	struct err *e;
};

static void asking_finish(struct asking *asking)
{
	sso_settings_finish(&asking->settings);
	free(asking->sso_url);
	free(asking->oidc_url);
	secret_free(asking->token);
	aws_reply_finish(&asking->reply);
}

static int find_urls(struct asking *asking)
{
	_cleanup_(aws_settings_finish) struct aws_settings settings = {};
	const char *region = asking->settings.region;
	int r;

	r = aws_settings_read(asking->sources, &settings, asking->e);
	if (r >= 0)
		r = aws_settings_sso_url(&settings, region, &asking->sso_url, asking->e);
	return r < 0 ? r
		     : aws_settings_sso_oidc_url(&settings, region, &asking->oidc_url, asking->e);
}

static int write_url(const struct asking *asking, struct str *ret)
{
	int r;

	r = str_appendf(ret, "%s/federation/credentials?role_name=", asking->sso_url);
	if (r >= 0)
		r = query_encode(ret, asking->settings.role);
	if (r >= 0)
		r = str_append_text(ret, "&account_id=");
	return r < 0 ? r : query_encode(ret, asking->settings.account);
}

static int call_once(struct asking *asking, const char *url)
{
	_cleanup_(fetch_reply_finish) struct fetch_reply reply = {};
	_cleanup_headers_ struct headers headers = {};
	const struct fetch_request request = {
	    .method = "GET",
	    .url = url,
	    .headers = &headers,
	    .deadline_ms = asking->deadline_ms,
	    .max_body = LIMIT_API_BODY,
	};
	int r;

	r = headers_add(&headers, "x-amz-sso_bearer_token", asking->token);
	if (r >= 0)
		r = fetch(asking->sources->fetcher, &request, &reply, asking->e);
	if (r < 0)
		return r;
	aws_reply_finish(&asking->reply);
	return aws_reply_read(reply.status, &reply.headers, &reply.body, &asking->reply);
}

/* 0 with any answer but one that is worth a repetition. */
static int call(struct asking *asking)
{
	_cleanup_str_ struct str url = {};
	int r = write_url(asking, &url);

	if (r < 0)
		return r;
	for (int i = 1;; i++) {
		r = call_once(asking, url.data);
		if (r == -ENOMEM || r == -ECANCELED || i == TRIES ||
		    (r >= 0 && aws_reply_verdict(&asking->reply) != AWS_TRANSIENT))
			return r;
		if (clock_left_ms(asking->deadline_ms) <= PAUSE_MS)
			return r;
		if (stop_sleep(asking->sources->fetcher->stop, PAUSE_MS))
			return err_set(asking->e, -ECANCELED, "given up: this daemon stops");
	}
}

static int refuse(const struct asking *asking)
{
	const struct sso_settings *settings = &asking->settings;
	_cleanup_str_ struct str answer = {};

	if (asking->reply.status == 401)
		return err_set(asking->e, -EACCES,
		    "IAM Identity Center does not take the token any more: run `aws sso login "
		    "--profile %s`",
		    settings->profile);
	if (aws_reply_describe(&asking->reply, &answer) < 0)
		return -ENOMEM;
	return err_set(asking->e, -EACCES,
	    "IAM Identity Center gives no credentials for role %s in account %s (%s): check "
	    "sso_role_name and sso_account_id of profile \"%s\"",
	    settings->role, settings->account, str_text(&answer), settings->profile);
}

static int read_answer(struct asking *asking, struct credentials **ret)
{
	static const struct cred_json_form form = {
	    .source = "sso",
	    .id = "accessKeyId",
	    .secret = "secretAccessKey",
	    .token = "sessionToken",
	    .expiration = "expiration",
	    .milliseconds = true,
	};
	_cleanup_(credentials_unrefp) struct credentials *credentials = NULL;
	struct err reason = {};
	int r;

	if (asking->reply.status != 200)
		return refuse(asking);
	r = cred_json_read(
	    json_get(asking->reply.body, "roleCredentials"), &form, &credentials, &reason);
	if (r == -EBADMSG)
		return err_set(asking->e, -EPROTO, "cannot use what %s answers: %s",
		    asking->sso_url, reason.text);
	if (r >= 0)
		r = credentials_set_owner(credentials, asking->settings.account, NULL);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(credentials);
	return 0;
}

int cred_sso(const struct credential_sources *sources, struct credentials **ret, struct err *e)
{
	_cleanup_(asking_finish) struct asking asking = {.sources = sources, .e = e};
	int r;

	r = sso_settings_read(sources, &asking.settings, e);
	if (r >= 0)
		r = find_urls(&asking);
	if (r >= 0)
		r = sso_token_get(&asking.settings, sources, asking.oidc_url, &asking.token, e);
	if (r < 0)
		return r;
	asking.deadline_ms = clock_mono_ms() + LIMIT_API_CALL_MS;
	r = call(&asking);
	return r < 0 ? r : read_answer(&asking, ret);
}

#include "sso_token.h"

#include <errno.h>
#include <string.h>

#include "aws_reply.h"
#include "clock.h"
#include "file.h"
#include "limits.h"
#include "log.h"
#include "sso_cache.h"
#include "timefmt.h"

/* As botocore: tokens.py, _REFRESH_WINDOW. */
enum { RENEW_BEFORE_S = 15 * 60 };

/* One renewal: what goes out comes from the cache, what came back is in the reply. */
struct renewing {
	const struct sso_settings *settings;
	const struct credential_sources *sources;
	const char *oidc_url;
	const struct sso_cache *cache;
	struct aws_reply reply;
};

static int refuse(const struct sso_settings *settings, const char *why, struct err *e)
{
	return err_set(e, -EACCES, "%s: run `aws sso login --profile %s`", why, settings->profile);
}

static const char *member(const struct renewing *renewing, const char *name)
{
	return json_string(json_get(renewing->cache->root, name));
}

/* −ENOENT: there is nothing to renew it with, or the registration of the client is over. */
static int check_can_renew(const struct renewing *renewing)
{
	static const char *const needed[] = {
	    "refreshToken", "clientId", "clientSecret", "registrationExpiresAt"};
	int64_t registered_until_s;

	for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++)
		if (!member(renewing, needed[i]))
			return -ENOENT;
	if (time_parse_iso(member(renewing, "registrationExpiresAt"), &registered_until_s) < 0 ||
	    registered_until_s <= renewing->sources->now_s())
		return -ENOENT;
	return 0;
}

static int write_body(const struct renewing *renewing, struct str *ret)
{
	static const char *const sent[] = {"clientId", "clientSecret", "refreshToken"};
	int r;

	r = str_append_text(ret, "{\"grantType\": \"refresh_token\"");
	for (size_t i = 0; i < sizeof(sent) / sizeof(*sent) && r >= 0; i++) {
		r = str_appendf(ret, ", \"%s\": ", sent[i]);
		if (r >= 0)
			r = json_write_string(ret, member(renewing, sent[i]));
	}
	return r < 0 ? r : str_append_text(ret, "}");
}

static int call(struct renewing *renewing, struct err *e)
{
	_cleanup_(fetch_reply_finish) struct fetch_reply reply = {};
	_cleanup_headers_ struct headers headers = {};
	_cleanup_str_ struct str url = {}, body = {};
	struct fetch_request request = {
	    .method = "POST",
	    .headers = &headers,
	    .deadline_ms = clock_mono_ms() + LIMIT_API_CALL_MS,
	    .max_body = LIMIT_API_BODY,
	};
	int r;

	r = str_appendf(&url, "%s/token", renewing->oidc_url);
	if (r >= 0)
		r = headers_add(&headers, "Content-Type", "application/json");
	if (r >= 0)
		r = write_body(renewing, &body);
	if (r < 0)
		return r;
	request.url = url.data;
	request.body = body.data;
	request.body_len = body.len;
	r = fetch(renewing->sources->fetcher, &request, &reply, e);
	if (r < 0)
		return r;
	return aws_reply_read(reply.status, &reply.headers, &reply.body, &renewing->reply);
}

static int read_renewal(const struct renewing *renewing, struct sso_renewal *ret, struct err *e)
{
	/* Longer than any session, and far from an overflow. */
	static const double max_s = 366 * 86400.0;
	const struct json *body = renewing->reply.body;
	const char *access_token = json_string(json_get(body, "accessToken"));
	double lives_s = json_number(json_get(body, "expiresIn"), 0);
	_cleanup_str_ struct str answer = {};

	if (renewing->reply.status == 200 && sso_cache_is_token(access_token) && lives_s >= 1 &&
	    lives_s <= max_s) {
		*ret = (struct sso_renewal){
		    .access_token = access_token,
		    .refresh_token = json_string(json_get(body, "refreshToken")),
		    .expires_s = renewing->sources->now_s() + (int64_t)lives_s,
		};
		return 0;
	}
	if (aws_reply_describe(&renewing->reply, &answer) < 0)
		return -ENOMEM;
	return err_set(e, -EPROTO, "%s answers %s", renewing->oidc_url,
	    renewing->reply.status == 200 ? "with no token" : str_text(&answer));
}

/* The token serves all the same; but the next renewal needs what was to be written. */
static int write_cache(const struct sso_cache *cache, const struct sso_renewal *renewal)
{
	_cleanup_str_ struct str text = {};
	int r;

	r = sso_cache_format(cache, renewal, &text);
	if (r < 0)
		return r;
	r = file_replace(cache->path, text.data, text.len);
	if (r < 0)
		log_warn("cannot write the renewed token of IAM Identity Center to %s: %s",
		    cache->path, strerror(-r));
	return 0;
}

/* 0 with the new token; −ECANCELED and −ENOMEM end it all, what else failed has its reason in e. */
static int renew(struct renewing *renewing, char **ret, struct err *e)
{
	struct sso_renewal renewal;
	int r;

	r = check_can_renew(renewing);
	if (r < 0)
		return r;
	r = call(renewing, e);
	if (r >= 0)
		r = read_renewal(renewing, &renewal, e);
	if (r >= 0)
		r = write_cache(renewing->cache, &renewal);
	if (r < 0)
		return r;
	*ret = strdup(renewal.access_token);
	return *ret ? 0 : -ENOMEM;
}

static int take_valid(const struct sso_cache *cache, const struct credential_sources *sources,
    int64_t for_s, char **ret)
{
	if (!cache->access_token || cache->expires_s - sources->now_s() <= for_s)
		return -ENOENT;
	*ret = strdup(cache->access_token);
	return *ret ? 0 : -ENOMEM;
}

/*
 * A renewal failed: the old token serves while it is valid. The file is read once more, since a
 * renewal by somebody else (another thread, the AWS CLI) makes ours fail: each refresh token
 * counts once.
 */
static int make_do(
    const struct renewing *renewing, const struct err *reason, char **ret, struct err *e)
{
	_cleanup_(sso_cache_finish) struct sso_cache again = {};
	_cleanup_str_ struct str why = {};
	int r;

	r = sso_cache_read(renewing->settings, renewing->sources, &again, e);
	if (r >= 0)
		r = take_valid(&again, renewing->sources, 0, ret);
	if (r != -ENOENT)
		return r;
	r = str_appendf(&why, "the token of the sso-session \"%s\" has expired%s%s%s",
	    renewing->settings->session, *reason->text ? " and cannot be renewed (" : "",
	    reason->text, *reason->text ? ")" : "");
	return r < 0 ? r : refuse(renewing->settings, why.data, e);
}

int sso_token_get(const struct sso_settings *settings, const struct credential_sources *sources,
    const char *oidc_url, char **ret, struct err *e)
{
	_cleanup_(sso_cache_finish) struct sso_cache cache = {};
	struct renewing renewing = {settings, sources, oidc_url, &cache, {}};
	struct err reason = {};
	int r;

	r = sso_cache_read(settings, sources, &cache, e);
	if (r < 0)
		return r;
	if (!cache.access_token)
		return refuse(settings, "nobody has signed in to IAM Identity Center here", e);
	r = take_valid(&cache, sources, settings->session ? RENEW_BEFORE_S : 0, ret);
	if (r != -ENOENT)
		return r;
	if (!settings->session)
		return refuse(settings, "the token of IAM Identity Center has expired", e);
	r = renew(&renewing, ret, &reason);
	aws_reply_finish(&renewing.reply);
	if (r >= 0 || r == -ENOMEM)
		return r;
	if (r == -ECANCELED)
		return err_set(e, r, "%s", reason.text);
	return make_do(&renewing, &reason, ret, e);
}

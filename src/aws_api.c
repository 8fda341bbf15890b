#include "aws_api.h"

#include <errno.h>
#include <string.h>

#include "base_url.h"
#include "clock.h"
#include "limits.h"
#include "sigv4.h"

struct aws_api {
	struct credential_chain *chain; /* NULL: not signed */
	const struct fetcher *fetcher;
	/* AWS's clock less ours, both atomic: what signatures need, and what answers show. Only a
	   refusal moves the first: a portal's Date must not spoil the next signature. */
	int64_t signing_offset_s;
	int64_t seen_offset_s;
};

/* One call under way, over its up to three tries. */
struct calling {
	struct aws_api *api;
	const struct aws_call *call;
	struct credentials *credentials; /* NULL: not signed */
	int64_t signed_s;                /* of the last try */
	struct aws_reply reply;
	struct err *e;
};

int aws_api_new(struct credential_chain *chain, const struct fetcher *fetcher, struct aws_api **ret)
{
	struct aws_api *api = calloc(1, sizeof(*api));

	if (!api)
		return -ENOMEM;
	api->chain = chain;
	api->fetcher = fetcher;
	*ret = api;
	return 0;
}

void aws_api_free(struct aws_api *api)
{
	free(api);
}

struct credential_chain *aws_api_chain(const struct aws_api *api)
{
	return api->chain;
}

int64_t aws_api_now_s(const struct aws_api *api)
{
	return clock_wall_s() + __atomic_load_n(&api->seen_offset_s, __ATOMIC_RELAXED);
}

/* The Date has whole seconds: what is less than two apart may be the same. */
static void learn_clock(struct aws_api *api, const struct aws_reply *reply)
{
	int64_t off_s = reply->date_s - aws_api_now_s(api);

	if (!reply->date_s || (off_s > -AWS_CLOCK_STEP_S && off_s < AWS_CLOCK_STEP_S))
		return;
	__atomic_store_n(&api->seen_offset_s, reply->date_s - clock_wall_s(), __ATOMIC_RELAXED);
}

static void calling_finish(struct calling *calling)
{
	credentials_unref(calling->credentials);
	aws_reply_finish(&calling->reply);
}

/* Those that are signed. */
static int write_headers(const struct aws_call *call, struct headers *ret)
{
	_cleanup_str_ struct str host = {};
	struct base_url url;
	int r;

	r = base_url_parse(call->url, &url);
	if (r >= 0)
		r = base_url_write_host(&url, &host);
	if (r >= 0)
		r = headers_add(ret, "Host", host.data);
	if (r >= 0)
		r = headers_add(ret, "Content-Type",
		    call->target ? "application/x-amz-json-1.1"
				 : "application/x-www-form-urlencoded; charset=utf-8");
	if (r >= 0 && call->target)
		r = headers_add(ret, "X-Amz-Target", call->target);
	return r;
}

/* Those that the signature does not cover. */
static int complete_headers(struct headers *headers)
{
	int r;

	/* The query protocol answers in XML unless asked. */
	r = headers_add(headers, "Accept", "application/json");
	if (r >= 0)
		r = headers_add(headers, "User-Agent", "ecr-upsertd/" ECR_UPSERTD_VERSION);
	return r;
}

static int sign(struct calling *calling, struct headers *headers)
{
	const struct aws_call *call = calling->call;
	_cleanup_(sigv4_finish) struct sigv4_result result = {};
	const struct sigv4_request request = {
	    .method = "POST",
	    .path = "/",
	    .headers = headers,
	    .body = call->body,
	    .body_len = strlen(call->body),
	};
	const struct sigv4_key key = {
	    .access_key_id = calling->credentials->access_key_id,
	    .secret_access_key = calling->credentials->secret_access_key,
	    .session_token = calling->credentials->session_token,
	    .region = call->region,
	    .service = call->service,
	    .time_s =
		clock_wall_s() + __atomic_load_n(&calling->api->signing_offset_s, __ATOMIC_RELAXED),
	};
	int r;

	calling->signed_s = key.time_s;
	r = sigv4_sign(&request, &key, &result);
	for (size_t i = 0; i < result.headers.len && r >= 0; i++)
		r = headers_add(
		    headers, result.headers.items[i].name, result.headers.items[i].value);
	return r;
}

static int send_signed(struct calling *calling, const struct headers *headers)
{
	const struct aws_call *call = calling->call;
	_cleanup_(fetch_reply_finish) struct fetch_reply reply = {};
	const struct fetch_request request = {
	    .method = "POST",
	    .url = call->url,
	    .headers = headers,
	    .body = call->body,
	    .body_len = strlen(call->body),
	    .deadline_ms = clock_within_ms(LIMIT_API_CALL_MS, call->deadline_ms),
	    .max_body = LIMIT_API_BODY,
	};
	int r;

	r = fetch(calling->api->fetcher, &request, &reply, calling->e);
	if (r < 0)
		return r;
	aws_reply_finish(&calling->reply);
	r = aws_reply_read(reply.status, &reply.headers, &reply.body, &calling->reply);
	if (r < 0)
		return err_set(calling->e, r, "out of memory");
	learn_clock(calling->api, &calling->reply);
	return 0;
}

static int try_once(struct calling *calling)
{
	_cleanup_headers_ struct headers headers = {};
	int r;

	r = write_headers(calling->call, &headers);
	if (r >= 0 && calling->credentials)
		r = sign(calling, &headers);
	if (r >= 0)
		r = complete_headers(&headers);
	if (r < 0)
		return err_set(calling->e, r, "cannot sign a request to %s: %s", calling->call->url,
		    strerror(-r));
	return send_signed(calling, &headers);
}

static bool correct_clock(struct calling *calling)
{
	int64_t offset_s;

	if (!aws_reply_clock_offset(&calling->reply, calling->signed_s, clock_wall_s(), &offset_s))
		return false;
	__atomic_store_n(&calling->api->signing_offset_s, offset_s, __ATOMIC_RELAXED);
	return true;
}

/* Are the keys others by now? If they cannot be read anew, the refusal stands. */
static bool renew_keys(struct calling *calling)
{
	_cleanup_(credentials_unrefp) struct credentials *refused = NULL;

	if (!calling->credentials || aws_reply_verdict(&calling->reply) != AWS_KEYS_REFUSED)
		return false;
	refused = TAKE_PTR(calling->credentials);
	credential_chain_forget(calling->api->chain, refused);
	if (credential_chain_get_by(
		calling->api->chain, calling->call->deadline_ms, &calling->credentials, NULL) < 0)
		return false;
	return !credentials_equal(refused, calling->credentials);
}

static int get_keys(struct calling *calling)
{
	int r = credential_chain_get_by(
	    calling->api->chain, calling->call->deadline_ms, &calling->credentials, calling->e);

	if (r == -ENOMEM)
		return err_set(calling->e, r, "out of memory");
	if (r < 0)
		return credential_failure_passes(r) ? -EAGAIN : -ENOENT;
	return 0;
}

int aws_api_call(
    struct aws_api *api, const struct aws_call *call, struct aws_reply *ret, struct err *e)
{
	_cleanup_(calling_finish) struct calling calling = {.api = api, .call = call, .e = e};
	int r;

	r = api->chain ? get_keys(&calling) : 0;
	if (r < 0)
		return r;
	r = try_once(&calling);
	if (r >= 0 && calling.credentials && correct_clock(&calling))
		r = try_once(&calling);
	if (r >= 0 && renew_keys(&calling))
		r = try_once(&calling);
	if (r < 0)
		return r;
	*ret = calling.reply;
	calling.reply = (struct aws_reply){};
	return 0;
}

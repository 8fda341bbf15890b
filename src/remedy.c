#include "remedy.h"

#include <errno.h>
#include <string.h>

#include "clock.h"
#include "limits.h"
#include "question.h"
#include "repository_name.h"
#include "verdict.h"

enum { PAUSE_FIRST_MS = 100, PAUSE_MAX_MS = 1600, RETRY_AFTER_MAX_S = 25 };

/* Upsert's messages go on from the name, which is given in the form this client used. */
static int refuse_repository(struct exchange *x, const char *reason)
{
	_cleanup_(freep) char *name = NULL;
	struct oci_error bare = x->refusal;

	if (route_client_name(&x->route, &name) == 0)
		oci_error_set(&x->refusal, bare.status, bare.code, "%s %s", name, bare.message);
	return exchange_refuse(x, reason);
}

/* It was there when it was created, or somebody else was to create it. */
static int refuse_missing(struct exchange *x)
{
	if (x->late)
		oci_error_set(&x->refusal, 504, "UNAVAILABLE", "%s", x->late);
	else
		oci_error_set(&x->refusal, 504, "UNAVAILABLE",
		    "exists in %s, which does not know it yet, push again",
		    x->route.registry->host);
	return refuse_repository(x, "deadline");
}

static int refuse_late(struct exchange *x)
{
	const char *host = x->route.registry->host;

	if (x->upserted && x->access.upstream_status == 404)
		return refuse_missing(x);
	if (x->access.upstream_status)
		oci_error_set(&x->refusal, 504, "UNAVAILABLE",
		    "%s answers %u until the time is up, try again", host,
		    x->access.upstream_status);
	else
		oci_error_set(&x->refusal, 504, "UNAVAILABLE",
		    "%s closes every connection without an answer, try again", host);
	return exchange_refuse(x, "deadline");
}

/* 0, 100, 200, 400 … ms. */
static int pause_doubling(struct exchange *x, int64_t until_ms)
{
	if (clock_left_ms(until_ms) <= x->pause_ms)
		return refuse_late(x);
	if (stop_sleep(x->context->stop, x->pause_ms)) {
		oci_error_set(&x->refusal, 504, "UNAVAILABLE", "ecr-upsertd stops, try again");
		return exchange_refuse(x, "stopped");
	}
	if (x->pause_ms == 0)
		x->pause_ms = PAUSE_FIRST_MS;
	else if (x->pause_ms < PAUSE_MAX_MS)
		x->pause_ms *= 2;
	return 0;
}

static int create(struct exchange *x)
{
	const struct creation_request request = {
	    .serving = x->serving,
	    .registry = x->route.registry,
	    .repository = x->route.repository,
	    .user = x->access.user,
	    .deadline_ms = x->deadline_ms,
	};
	struct oci_error refusal = {};

	if (upsert_repository(x->context->upsert, &request, x->asked_ms, &x->notice, &refusal) <
	    0) {
		x->refusal = refusal;
		return refuse_repository(x, "not-created");
	}
	if (refusal.status && !x->late)
		x->late = strdup(refusal.message);
	return 0;
}

int remedy_create(struct exchange *x)
{
	int r;

	if (x->upserted)
		return pause_doubling(x, x->deadline_ms);
	r = create(x);
	if (r < 0)
		return r;
	x->upserted = true;
	return pause_doubling(x, x->deadline_ms);
}

int remedy_silence(struct exchange *x)
{
	int r;

	if (x->access.retries > 0)
		return x->upserted ? pause_doubling(x, x->deadline_ms) : question_refuse(x);
	r = upsert_repository_exists(
	    x->route.registry, x->route.repository, x->deadline_ms, &x->refusal);
	if (r < 0)
		return refuse_repository(x, "no-answer");
	return r == 0 ? remedy_create(x) : pause_doubling(x, x->deadline_ms);
}

int remedy_before_stream(struct exchange *x)
{
	struct oci_error unlearnt;
	int r;

	x->asked_ms = clock_mono_ms();
	r = upsert_repository_exists(
	    x->route.registry, x->route.repository, x->deadline_ms, &unlearnt);
	/* Not learnt (no right to ask, say): the registry itself will tell. */
	return r == 0 ? create(x) : 0;
}

static void drop_token(struct exchange *x)
{
	ecr_token_refused(x->context->tokens, x->route.registry, x->token);
	metrics_error(x->context->metrics, x->route.registry->host, METRICS_TOKEN_REFUSED);
}

int remedy_token(struct exchange *x)
{
	drop_token(x);
	ecr_token_unref(TAKE_PTR(x->token));
	x->signed_in_anew = true;
	return question_sign_in(x);
}

int remedy_refuse_token(struct exchange *x)
{
	drop_token(x);
	if (x->streamed)
		oci_error_set(&x->refusal, 504, "UNAVAILABLE",
		    "%s refused the token in the middle of an upload, try again",
		    x->route.registry->host);
	else
		oci_error_set(&x->refusal, 403, "DENIED",
		    "%s refuses the token of ecr-upsertd's AWS identity: check whose keys it uses",
		    x->route.registry->host);
	return exchange_refuse(x, "token-refused");
}

int remedy_refuse_name(struct exchange *x)
{
	/* There is none, and with 404 the client goes on to the request that tells why. */
	unsigned status = strcmp(x->method, "HEAD") == 0 ? 404 : 400;

	/* Creation refuses it, and notes that for the status. */
	if (verdict_may_create(x->method, x->route.operation))
		return remedy_create(x);
	oci_error_set(&x->refusal, status, "UNSUPPORTED", REPOSITORY_NAME_REFUSED);
	return refuse_repository(x, "bad-name");
}

static int64_t retry_after_ms(const struct exchange *x)
{
	const char *value = headers_get(&transfer_head(x->transfer)->headers, "Retry-After");
	long seconds = value ? strtol(value, NULL, 10) : 0;

	if (seconds <= 0 || seconds > RETRY_AFTER_MAX_S)
		return PAUSE_FIRST_MS;
	return seconds * 1000;
}

int remedy_throttled(struct exchange *x)
{
	int64_t at_least_ms;

	/* Docker repeats a layer after 504, but never after 429. */
	if (x->streamed) {
		oci_error_set(&x->refusal, 504, "UNAVAILABLE",
		    "%s throttles uploads at the moment, try again", x->route.registry->host);
		return exchange_refuse(x, "throttled");
	}
	at_least_ms = retry_after_ms(x);
	if (x->pause_ms < at_least_ms)
		x->pause_ms = at_least_ms;
	/* A deadline that leaves ECR time to check a layer is not one for silence. */
	if (!x->throttled_until_ms)
		x->throttled_until_ms = clock_within_ms(LIMIT_CREATION_MS, x->deadline_ms);
	return pause_doubling(x, x->throttled_until_ms);
}

#include "metrics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "limits.h"

/* What ECR, its blob storage and we answer; behind them is a place for none and one for any other.
 */
static const unsigned short statuses[] = {200, 201, 202, 204, 206, 301, 302, 303, 304, 307, 308,
    400, 401, 403, 404, 405, 406, 408, 409, 411, 412, 413, 414, 415, 416, 417, 422, 429, 431, 500,
    501, 502, 503, 504, 505};

enum {
	STATUS_NONE = sizeof(statuses) / sizeof(*statuses),
	STATUS_OTHER,
};
_Static_assert(METRICS_STATUSES == STATUS_OTHER + 1, "a place for each status");

static const char *const results[] = {
    [METRICS_CREATED] = "created",
    [METRICS_EXISTED] = "existed",
    [METRICS_WAITED] = "waited",
    [METRICS_DENIED] = "denied",
    [METRICS_OVER_BUDGET] = "over-budget",
    [METRICS_REFUSED] = "refused",
    [METRICS_REMEMBERED] = "remembered",
    [METRICS_FAILED] = "failed",
};

static const char *const errors[] = {
    [METRICS_CONNECT] = "connect",
    [METRICS_CERTIFICATE] = "certificate",
    [METRICS_NO_ANSWER] = "no-answer",
    [METRICS_CUT] = "cut",
    [METRICS_TIMEOUT] = "timeout",
    [METRICS_MALFORMED] = "malformed",
    [METRICS_SERVER_ERROR] = "server-error",
    [METRICS_THROTTLED] = "throttled",
    [METRICS_NO_TOKEN] = "no-token",
    [METRICS_TOKEN_REFUSED] = "token-refused",
};

const char *metrics_operation_name(size_t operation)
{
	return operation == METRICS_NO_OPERATION ? "none"
						 : operation_name((enum operation)operation);
}

void metrics_status_name(size_t index, char ret[METRICS_STATUS_SIZE])
{
	if (index < STATUS_NONE)
		snprintf(ret, METRICS_STATUS_SIZE, "%hu", statuses[index]);
	else
		strcpy(ret, index == STATUS_NONE ? "none" : "other");
}

const char *metrics_result_name(size_t result)
{
	return results[result];
}

const char *metrics_error_name(size_t error)
{
	return errors[error];
}

static void add(_Atomic uint64_t *counter, uint64_t n)
{
	atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

static uint64_t value_of(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

void metrics_init(struct metrics *metrics)
{
	*metrics = (struct metrics){};
	pthread_mutex_init(&metrics->lock, NULL);
}

void metrics_finish(struct metrics *metrics)
{
	struct metrics_registry *registry = metrics->registries.next, *next;

	for (; registry; registry = next) {
		next = registry->next;
		free(registry->host);
		free(registry);
	}
	pthread_mutex_destroy(&metrics->lock);
}

/* *ret_last: the end of the list, where one may be appended under the lock. */
static struct metrics_registry *look_up(
    struct metrics *metrics, const char *host, struct metrics_registry **ret_last)
{
	struct metrics_registry *registry = &metrics->registries, *next;

	while ((next = atomic_load_explicit(&registry->next, memory_order_acquire))) {
		registry = next;
		if (strcmp(registry->host, host) == 0)
			return registry;
	}
	*ret_last = registry;
	return NULL;
}

/* Under the lock. */
static struct metrics_registry *append(
    struct metrics *metrics, const char *host, struct metrics_registry *last)
{
	struct metrics_registry *registry = calloc(1, sizeof(*registry));

	if (registry)
		registry->host = strdup(host);
	if (!registry || !registry->host) {
		free(registry);
		return &metrics->registries;
	}
	metrics->len++;
	atomic_store_explicit(&last->next, registry, memory_order_release);
	return registry;
}

static struct metrics_registry *find(struct metrics *metrics, const char *host, bool listed)
{
	struct metrics_registry *last, *registry = look_up(metrics, host, &last);

	if (registry)
		return registry;
	pthread_mutex_lock(&metrics->lock);
	registry = look_up(metrics, host, &last);
	if (!registry &&
	    (listed ? metrics->len < LIMIT_REGISTRIES : metrics->others < METRICS_OTHERS)) {
		metrics->others += !listed;
		registry = append(metrics, host, last);
	}
	pthread_mutex_unlock(&metrics->lock);
	return registry ? registry : &metrics->registries;
}

void metrics_list(struct metrics *metrics, const struct registries *listed)
{
	for (size_t i = 0; i < listed->len; i++)
		find(metrics, listed->items[i]->host, true);
}

struct metrics_registry *metrics_find(struct metrics *metrics, const char *host)
{
	return find(metrics, host, false);
}

static size_t status_index(unsigned status)
{
	if (status == 0)
		return STATUS_NONE;
	for (size_t i = 0; i < STATUS_NONE; i++)
		if (statuses[i] == status)
			return i;
	return STATUS_OTHER;
}

void metrics_request(
    struct metrics *metrics, int operation, unsigned status, bool failed, int64_t ms)
{
	add(&metrics->requests[operation][status_index(status)], 1);
	latency_count(&metrics->request_latency, ms);
	if (failed)
		add(&metrics->failures, 1);
}

void metrics_in(struct metrics *metrics, size_t len)
{
	add(&metrics->bytes_in, len);
}

void metrics_out(struct metrics *metrics, size_t len)
{
	add(&metrics->bytes_out, len);
}

void metrics_creation(
    struct metrics *metrics, const char *host, enum metrics_result result, int64_t ms)
{
	add(&metrics_find(metrics, host)->creations[result], 1);
	/* The others are no creations: a refusal at once would only make them look fast. */
	if (result == METRICS_CREATED)
		latency_count(&metrics->creation_latency, ms);
}

void metrics_error(struct metrics *metrics, const char *host, enum metrics_error error)
{
	add(&metrics_find(metrics, host)->errors[error], 1);
}

void metrics_read(const struct metrics *metrics, struct history_totals *ret)
{
	latency_read(&metrics->request_latency, &ret->latency);
	ret->errors = value_of(&metrics->failures);
	ret->bytes_in = value_of(&metrics->bytes_in);
	ret->bytes_out = value_of(&metrics->bytes_out);
}

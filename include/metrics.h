#pragma once
/*
 * Counters of what the daemon does, for /metrics (metrics_text.h) and the history of /status.
 * Counting is a relaxed addition and takes no lock. All labels come from closed lists: a registry
 * that is not configured gets one of METRICS_OTHERS places, or is "other"; no repository's name is
 * kept.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "history.h"
#include "latency.h"
#include "operation.h"
#include "registry.h"

enum {
	/* Of allow_any_registry. Each is 20 lines at every scrape. */
	METRICS_OTHERS = 32,
	METRICS_OPERATIONS = OPERATION_OTHER + 2, /* and METRICS_NO_OPERATION */
	METRICS_NO_OPERATION = OPERATION_OTHER + 1,
	METRICS_STATUSES = 37,
	METRICS_STATUS_SIZE = 6,
};

/* How an attempt to make a missing repository ended. */
enum metrics_result {
	METRICS_CREATED,
	METRICS_EXISTED,     /* somebody else had created it meanwhile */
	METRICS_WAITED,      /* somebody else was waited for, and created it */
	METRICS_DENIED,      /* by a rule */
	METRICS_OVER_BUDGET, /* max_per_hour */
	METRICS_REFUSED,     /* by ECR: no right, quota, name, settings */
	METRICS_REMEMBERED,  /* refused or denied for the same reason as a minute ago at most */
	METRICS_FAILED,      /* it may succeed later */
	METRICS_RESULTS,
};

/* What went wrong between us and a registry, whether or not asking again mended it. */
enum metrics_error {
	METRICS_CONNECT,
	METRICS_CERTIFICATE,
	METRICS_NO_ANSWER, /* closed before the first octet of one */
	METRICS_CUT,
	METRICS_TIMEOUT,
	METRICS_MALFORMED,
	METRICS_SERVER_ERROR, /* 5xx */
	METRICS_THROTTLED,    /* 429 */
	METRICS_NO_TOKEN,
	METRICS_TOKEN_REFUSED,
	METRICS_ERRORS,
};

struct metrics_registry {
	char *host; /* NULL: all that have no place of their own */
	_Atomic uint64_t creations[METRICS_RESULTS];
	_Atomic uint64_t errors[METRICS_ERRORS];
	struct metrics_registry *_Atomic next; /* only ever appended to */
};

struct metrics {
	_Atomic uint64_t requests[METRICS_OPERATIONS][METRICS_STATUSES];
	struct latency request_latency, creation_latency;
	_Atomic uint64_t failures; /* requests that failed by our side or the registry's */
	_Atomic uint64_t bytes_in, bytes_out;
	pthread_mutex_t lock; /* of appending a registry */
	size_t len, others;
	struct metrics_registry registries; /* the first: "other" */
};

void metrics_init(struct metrics *metrics);
void metrics_finish(struct metrics *metrics);

/* They have a place, and show zeros, from now on. Without memory for it they are "other". */
void metrics_list(struct metrics *metrics, const struct registries *listed);

/* An exchange has ended. operation: or METRICS_NO_OPERATION; status: 0 none. */
void metrics_request(
    struct metrics *metrics, int operation, unsigned status, bool failed, int64_t ms);
/* Octets of body that have come from a client, that have gone to one. */
void metrics_in(struct metrics *metrics, size_t len);
void metrics_out(struct metrics *metrics, size_t len);
void metrics_creation(
    struct metrics *metrics, const char *host, enum metrics_result result, int64_t ms);
void metrics_error(struct metrics *metrics, const char *host, enum metrics_error error);

/* The place of that host, or that of all others. */
struct metrics_registry *metrics_find(struct metrics *metrics, const char *host);

/* Words of the labels. */
const char *metrics_operation_name(size_t operation);
void metrics_status_name(size_t index, char ret[METRICS_STATUS_SIZE]);
const char *metrics_result_name(size_t result);
const char *metrics_error_name(size_t error);

void metrics_read(const struct metrics *metrics, struct history_totals *ret);

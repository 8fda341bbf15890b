#pragma once
/*
 * ECR as the spool sees it, played: the linker takes these before the library's. Each call answers
 * by its script: the n-th entry to the n-th call, the last one ever after.
 */
#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ecr_api.h"
#include "ecr_policies.h"

enum { PLAYED_MAX = 8 };

struct played {
	enum ecr_outcome outcomes[PLAYED_MAX];
	size_t len; /* 0: ECR_DONE */
	unsigned calls;
	char text[128]; /* the last policy */
};

static struct played played_describe, played_lifecycle, played_policy;
static double played_created_at;
static int64_t played_aws_now_s;
static unsigned played_call_ms;

static inline void play(struct played *played, size_t len, const enum ecr_outcome *outcomes)
{
	memcpy(played->outcomes, outcomes, len * sizeof(*outcomes));
	played->len = len;
	__atomic_store_n(&played->calls, 0, __ATOMIC_SEQ_CST);
}
#define PLAY(played, ...)                                                                     \
	play(&(played), sizeof((enum ecr_outcome[]){__VA_ARGS__}) / sizeof(enum ecr_outcome), \
	    (enum ecr_outcome[]){__VA_ARGS__})

static inline unsigned played_calls(const struct played *played)
{
	return __atomic_load_n(&played->calls, __ATOMIC_SEQ_CST);
}

static inline void played_keep(struct played *played, const char *policy)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

	pthread_mutex_lock(&lock);
	snprintf(played->text, sizeof(played->text), "%s", policy);
	pthread_mutex_unlock(&lock);
}

static inline enum ecr_outcome played_next(struct played *played, struct err *e)
{
	unsigned n = __atomic_fetch_add(&played->calls, 1, __ATOMIC_SEQ_CST);

	usleep(played_call_ms * 1000);
	err_set(e, 0, "played");
	if (played->len == 0)
		return ECR_DONE;
	return played->outcomes[n < played->len ? n : played->len - 1];
}

enum ecr_outcome ecr_describe_repository(const struct registry *registry, const char *repository,
    int64_t deadline_ms, double *ret_created_at, struct err *e)
{
	*ret_created_at = played_created_at;
	return played_next(&played_describe, e);
}

enum ecr_outcome ecr_put_lifecycle_policy(const struct registry *registry, const char *repository,
    const char *policy, int64_t deadline_ms, struct err *e)
{
	played_keep(&played_lifecycle, policy);
	return played_next(&played_lifecycle, e);
}

enum ecr_outcome ecr_set_repository_policy(const struct registry *registry, const char *repository,
    const char *policy, int64_t deadline_ms, struct err *e)
{
	played_keep(&played_policy, policy);
	return played_next(&played_policy, e);
}

int64_t aws_api_now_s(const struct aws_api *api)
{
	return played_aws_now_s;
}

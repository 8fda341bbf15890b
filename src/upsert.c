/*
 * The table holds one creation for each name under way. The first caller of a name is its leader:
 * it makes the creation, without the lock; the others wait. The outcome belongs to
 * all that waited for it. A follower whose leader ran out of time, but which has some left, leads
 * anew.
 */
#include "upsert.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "clock.h"
#include "ecr_api.h"
#include "limits.h"
#include "repository_name.h"
#include "wait.h"

enum {
	/* With less left than this nobody begins anew. */
	LEAD_AGAIN_MS = 200,
	/* No request that finds a repository missing is older than this when it is answered. */
	KEPT_MS = LIMIT_CREATION_MS,
};

struct creation {
	struct creation *next;
	const struct registry *registry;
	char *repository;
	unsigned holders; /* callers, and the table */
	bool done;
	int64_t done_ms; /* monotonic */
	int result;      /* 0 or −EPERM */
	struct notice notice;
	struct oci_error refusal;
};

struct upsert {
	struct creation_context context;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct creation *creations;
};

static void release(struct creation *creation)
{
	if (--creation->holders > 0)
		return;
	free(creation->repository);
	free(creation);
}

/* Under the lock: takes the link's creation off the table. */
static void unlink_creation(struct creation **link)
{
	struct creation *creation = *link;

	*link = creation->next;
	release(creation);
}

/* Under the lock: forgets what can concern no request any more. */
static void forget_old(struct upsert *upsert)
{
	int64_t oldest_ms = clock_mono_ms() - KEPT_MS;

	for (struct creation **link = &upsert->creations; *link;) {
		if ((*link)->done && (*link)->done_ms < oldest_ms)
			unlink_creation(link);
		else
			link = &(*link)->next;
	}
}

/* Under the lock: a creation under way, or done since the caller asked. */
static struct creation *find_creation(
    struct upsert *upsert, const struct creation_request *request, int64_t asked_ms)
{
	struct creation *creation = upsert->creations;

	while (creation && (creation->registry != request->registry ||
			       strcmp(creation->repository, request->repository) != 0 ||
			       (creation->done && creation->done_ms < asked_ms)))
		creation = creation->next;
	return creation;
}

/* Under the lock. NULL without memory; *ret_leads: nobody else had begun it. */
static struct creation *join_creation(struct upsert *upsert, const struct creation_request *request,
    int64_t asked_ms, bool *ret_leads)
{
	struct creation *creation;

	forget_old(upsert);
	creation = find_creation(upsert, request, asked_ms);
	*ret_leads = !creation;
	if (creation) {
		creation->holders++;
		return creation;
	}
	creation = calloc(1, sizeof(*creation));
	if (!creation)
		return NULL;
	creation->repository = strdup(request->repository);
	if (!creation->repository) {
		free(creation);
		return NULL;
	}
	creation->registry = request->registry;
	creation->holders = 2;
	creation->next = upsert->creations;
	upsert->creations = creation;
	return creation;
}

/* Under the lock. What may succeed later is not kept: whoever comes next tries again. */
static void conclude(struct upsert *upsert, struct creation *creation)
{
	struct creation **link = &upsert->creations;

	creation->done = true;
	creation->done_ms = clock_mono_ms();
	pthread_cond_broadcast(&upsert->changed);
	if (creation->result == 0 || creation->refusal.status != 504)
		return;
	while (*link != creation)
		link = &(*link)->next;
	unlink_creation(link);
}

/* One creation, led or followed. *ret_led: this caller made the calls. */
static int take_part(struct upsert *upsert, const struct creation_request *request,
    int64_t asked_ms, bool *ret_led, struct notice *ret_notice, struct oci_error *refusal)
{
	struct creation *creation;
	int r;

	pthread_mutex_lock(&upsert->lock);
	creation = join_creation(upsert, request, asked_ms, ret_led);
	if (!creation) {
		pthread_mutex_unlock(&upsert->lock);
		return oci_error_set(refusal, 504, "UNAVAILABLE", "was not created: out of memory");
	}
	if (*ret_led) {
		pthread_mutex_unlock(&upsert->lock);
		creation->result =
		    creation_make(&upsert->context, request, &creation->notice, &creation->refusal);
		pthread_mutex_lock(&upsert->lock);
		conclude(upsert, creation);
	}
	while (!creation->done && clock_left_ms(request->deadline_ms) > 0)
		wait_until(&upsert->changed, &upsert->lock, request->deadline_ms);
	r = creation->result;
	if (!creation->done)
		r = oci_error_set(refusal, 504, "UNAVAILABLE",
		    "is still being created or waited for, push again");
	else
		*refusal = creation->refusal;
	if (*ret_led && creation->notice.text[0])
		*ret_notice = creation->notice;
	release(creation);
	pthread_mutex_unlock(&upsert->lock);
	return r;
}

int upsert_new(const struct creation_context *context, struct upsert **ret)
{
	struct upsert *upsert;

	upsert = calloc(1, sizeof(*upsert));
	if (!upsert)
		return -ENOMEM;
	upsert->context = *context;
	pthread_mutex_init(&upsert->lock, NULL);
	wait_init(&upsert->changed);
	*ret = upsert;
	return 0;
}

void upsert_free(struct upsert *upsert)
{
	if (!upsert)
		return;
	while (upsert->creations)
		unlink_creation(&upsert->creations);
	pthread_cond_destroy(&upsert->changed);
	pthread_mutex_destroy(&upsert->lock);
	free(upsert);
}

int upsert_repository(struct upsert *upsert, const struct creation_request *request,
    int64_t asked_ms, struct notice *ret_notice, struct oci_error *refusal)
{
	bool led;
	int r;

	do
		r = take_part(upsert, request, asked_ms, &led, ret_notice, refusal);
	while (r < 0 && !led && refusal->status == 504 &&
	       clock_left_ms(request->deadline_ms) > LEAD_AGAIN_MS);
	return r;
}

int upsert_repository_exists(const struct registry *registry, const char *repository,
    int64_t deadline_ms, struct oci_error *refusal)
{
	struct err why = {};

	if (!repository_name_is_valid(repository))
		return 0;
	switch (ecr_describe_repository(registry, repository, deadline_ms, NULL, &why)) {
	case ECR_DONE:
		return 1;
	case ECR_NOT_FOUND:
		return 0;
	default:
		return oci_error_set(refusal, 504, "UNAVAILABLE",
		    "may not exist: ECR closed the connection, and could not be asked: %s",
		    why.text);
	}
}

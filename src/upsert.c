/*
 * The table holds one creation for each name under way. The first caller of a name is its leader:
 * it asks the rules and makes the calls, without the lock; the others wait. The outcome belongs to
 * all that waited for it. A follower whose leader ran out of time, but which has some left, leads
 * anew.
 */
#include "upsert.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "clock.h"
#include "limits.h"
#include "log.h"
#include "route.h"
#include "wait.h"

enum {
	RETRY_FIRST_MS = 200,
	RETRY_MAX_MS = 3200,
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
	bool created;
	struct oci_error refusal;
};

struct upsert {
	const struct rules *rules;
	const struct stop *stop;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct creation *creations;
};

/*
 * The messages go on from the repository's name, which each client has in a form of its own. Docker
 * stops at once for DENIED and UNSUPPORTED (ECR's own word for a bad name), but pushes four more
 * times for NAME_INVALID, over 50 s (moby, distribution/errors.go, retryOnError).
 */
static int refuse(enum ecr_outcome outcome, const struct registry *registry, const struct err *why,
    struct oci_error *refusal)
{
	switch (outcome) {
	case ECR_TRANSIENT:
		return oci_error_set(refusal, 504, "UNAVAILABLE",
		    "could not be created in %s in time, push again: %s", registry->host,
		    why->text);
	case ECR_INVALID:
		return oci_error_set(refusal, 400, "UNSUPPORTED", "cannot be created in %s: %s",
		    registry->host, why->text);
	default:
		return oci_error_set(refusal, 403, "DENIED",
		    "does not exist in %s and cannot be created: %s", registry->host, why->text);
	}
}

/* CreateRepository until it is decided or the time is up. */
static enum ecr_outcome create(struct upsert *upsert, const struct registry *registry,
    const char *repository, int64_t deadline_ms, struct err *why)
{
	_cleanup_(repository_settings_finish) struct repository_settings settings = {};
	static const struct rules none = {};
	const struct rules *rules = upsert->rules ? upsert->rules : &none;
	const struct rule *rule = rules_find(rules, registry->host, repository);
	int64_t pause_ms = RETRY_FIRST_MS;

	if (rules_settings(rules, rule, NULL, &settings) < 0)
		return err_set(why, ECR_TRANSIENT, "out of memory");
	for (;;) {
		enum ecr_outcome outcome =
		    ecr_create_repository(registry, repository, &settings, deadline_ms, why);

		if (outcome != ECR_TRANSIENT || clock_left_ms(deadline_ms) <= pause_ms)
			return outcome;
		log_debug("creating %s again in %d ms: %s", repository, (int)pause_ms, why->text);
		if (stop_sleep(upsert->stop, pause_ms))
			return outcome;
		pause_ms = pause_ms < RETRY_MAX_MS ? pause_ms * 2 : RETRY_MAX_MS;
	}
}

/* Without the lock: decides the creation's outcome. */
static void lead(struct upsert *upsert, struct creation *creation, int64_t deadline_ms)
{
	const struct registry *registry = creation->registry;
	enum ecr_outcome outcome;
	struct err why = {};

	if (!repository_name_is_valid(creation->repository)) {
		creation->result = oci_error_set(&creation->refusal, 400, "UNSUPPORTED",
		    "is no repository name that ECR takes: 2 to 256 lower-case letters, digits and "
		    "separators between them");
		return;
	}
	outcome = create(upsert, registry, creation->repository, deadline_ms, &why);
	if (outcome == ECR_DONE || outcome == ECR_ALREADY_EXISTS) {
		creation->created = outcome == ECR_DONE;
		log_info("repository %s in %s: %s", creation->repository, registry->host,
		    creation->created ? "created" : "exists already");
		return;
	}
	creation->result = refuse(outcome, registry, &why, &creation->refusal);
	log_warn("repository %s in %s was not created: %s", creation->repository, registry->host,
	    why.text);
}

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
static struct creation *find_creation(struct upsert *upsert, const struct registry *registry,
    const char *repository, int64_t asked_ms)
{
	struct creation *creation = upsert->creations;

	while (creation &&
	       (creation->registry != registry || strcmp(creation->repository, repository) != 0 ||
		   (creation->done && creation->done_ms < asked_ms)))
		creation = creation->next;
	return creation;
}

/* Under the lock. NULL without memory; *ret_leads: nobody else had begun it. */
static struct creation *join_creation(struct upsert *upsert, const struct registry *registry,
    const char *repository, int64_t asked_ms, bool *ret_leads)
{
	struct creation *creation;

	forget_old(upsert);
	creation = find_creation(upsert, registry, repository, asked_ms);
	*ret_leads = !creation;
	if (creation) {
		creation->holders++;
		return creation;
	}
	creation = calloc(1, sizeof(*creation));
	if (!creation)
		return NULL;
	creation->repository = strdup(repository);
	if (!creation->repository) {
		free(creation);
		return NULL;
	}
	creation->registry = registry;
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
static int take_part(struct upsert *upsert, const struct registry *registry, const char *repository,
    int64_t asked_ms, int64_t deadline_ms, bool *ret_led, bool *ret_created,
    struct oci_error *refusal)
{
	struct creation *creation;
	int r;

	pthread_mutex_lock(&upsert->lock);
	creation = join_creation(upsert, registry, repository, asked_ms, ret_led);
	if (!creation) {
		pthread_mutex_unlock(&upsert->lock);
		return oci_error_set(refusal, 504, "UNAVAILABLE", "was not created: out of memory");
	}
	if (*ret_led) {
		pthread_mutex_unlock(&upsert->lock);
		lead(upsert, creation, deadline_ms);
		pthread_mutex_lock(&upsert->lock);
		conclude(upsert, creation);
	}
	while (!creation->done && clock_left_ms(deadline_ms) > 0)
		wait_until(&upsert->changed, &upsert->lock, deadline_ms);
	r = creation->result;
	if (!creation->done)
		r = oci_error_set(
		    refusal, 504, "UNAVAILABLE", "is still being created, push again");
	else if (r < 0)
		*refusal = creation->refusal;
	*ret_created = *ret_led && creation->created;
	release(creation);
	pthread_mutex_unlock(&upsert->lock);
	return r;
}

int upsert_new(const struct rules *rules, const struct stop *stop, struct upsert **ret)
{
	struct upsert *upsert;

	upsert = calloc(1, sizeof(*upsert));
	if (!upsert)
		return -ENOMEM;
	upsert->rules = rules;
	upsert->stop = stop;
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

int upsert_repository(struct upsert *upsert, const struct registry *registry,
    const char *repository, int64_t asked_ms, int64_t deadline_ms, bool *ret_created,
    struct oci_error *refusal)
{
	bool led;
	int r;

	do
		r = take_part(upsert, registry, repository, asked_ms, deadline_ms, &led,
		    ret_created, refusal);
	while (
	    r < 0 && !led && refusal->status == 504 && clock_left_ms(deadline_ms) > RETRY_FIRST_MS);
	return r;
}

int upsert_repository_exists(struct upsert *upsert, const struct registry *registry,
    const char *repository, int64_t deadline_ms, struct oci_error *refusal)
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

#include "identities.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "clock.h"
#include "cred_role.h"
#include "credential_chain.h"
#include "wait.h"

enum {
	/* Between two looks at what is due: never busy, and soon enough for any that were read or
	   any step of the clock meanwhile, since no service hands out keys for less than minutes.
	 */
	KEEP_MIN_MS = 1000,
	KEEP_MAX_MS = 10 * 1000,
};

struct identity {
	struct identity *next;
	char *profile;
	char *role_arn;
	char *external_id;
	char *region;
	struct credential_sources sources;
	struct identity *base; /* whose credentials assume the role; NULL without one */
	struct credential_chain *chain;
	struct aws_api *api;
};

struct identities {
	struct credential_sources sources;
	pthread_mutex_t lock; /* of the list, which only grows, and of closing */
	pthread_cond_t closed;
	struct identity *first;
	bool closing;
	pthread_t keeper;
};

static void identity_free(struct identity *identity)
{
	if (!identity)
		return;
	aws_api_free(identity->api);
	credential_chain_free(identity->chain);
	free(identity->profile);
	free(identity->role_arn);
	free(identity->external_id);
	free(identity->region);
	free(identity);
}

DEFINE_CLEANUP(struct identity *, identity_free);

/* The chain of a role: whose keys assume it are those of another chain. */
static int read_role(
    void *userdata, struct file_stamps *seen, struct credentials **ret, struct err *e)
{
	const struct identity *identity = userdata;
	const struct sts_role role = {
	    .arn = identity->role_arn, .external_id = identity->external_id};
	struct err why = {};
	int r;

	r = cred_role_assume(&identity->sources, identity->base->chain, &role, ret, &why);
	if (r == -ENOENT)
		return err_set(e, r, "cannot assume %s: %s", identity->role_arn, why.text);
	return r < 0 ? err_set(e, r, "%s", why.text) : r;
}

static int copy_choice(const struct identity_choice *choice, struct identity *identity)
{
	int r;

	r = str_dup(choice->profile, &identity->profile);
	if (r >= 0)
		r = str_dup(choice->role_arn, &identity->role_arn);
	if (r >= 0)
		r = str_dup(choice->external_id, &identity->external_id);
	if (r >= 0)
		r = str_dup(choice->region, &identity->region);
	return r;
}

static int identity_new(const struct credential_sources *sources,
    const struct identity_choice *choice, struct identity *base, struct identity **ret)
{
	_cleanup_(identity_freep) struct identity *identity = calloc(1, sizeof(*identity));
	int r;

	if (!identity)
		return -ENOMEM;
	r = copy_choice(choice, identity);
	if (r < 0)
		return r;
	identity->base = base;
	identity->sources = *sources;
	identity->sources.profile = identity->profile;
	identity->sources.region = identity->region;
	if (base)
		r = credential_chain_new_of(read_role, identity, sources->now_s, &identity->chain);
	else
		r = credential_chain_new(&identity->sources, &identity->chain);
	if (r >= 0)
		r = aws_api_new(identity->chain, sources->fetcher, &identity->api);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(identity);
	return 0;
}

/* Under the lock. */
static struct identity *find(
    const struct identities *identities, const struct identity_choice *choice)
{
	struct identity *identity = identities->first;

	while (identity && !(str_same(identity->profile, choice->profile) &&
			       str_same(identity->role_arn, choice->role_arn) &&
			       str_same(identity->external_id, choice->external_id)))
		identity = identity->next;
	return identity;
}

/* Under the lock; with the one that its role is assumed with. */
static int find_or_make(
    struct identities *identities, const struct identity_choice *choice, struct identity **ret)
{
	const struct identity_choice without_role = {
	    .profile = choice->profile, .region = choice->region};
	struct identity *base = NULL, *identity = find(identities, choice);
	int r = 0;

	if (!identity && choice->role_arn)
		r = find_or_make(identities, &without_role, &base);
	if (!identity && r >= 0) {
		r = identity_new(&identities->sources, choice, base, &identity);
		if (r >= 0) {
			identity->next = identities->first;
			identities->first = identity;
		}
	}
	if (r >= 0)
		*ret = identity;
	return r;
}

int identities_get(
    struct identities *identities, const struct identity_choice *choice, struct aws_api **ret)
{
	struct identity *identity;
	int r;

	pthread_mutex_lock(&identities->lock);
	r = find_or_make(identities, choice, &identity);
	pthread_mutex_unlock(&identities->lock);
	if (r >= 0)
		*ret = identity->api;
	return r;
}

/* Under the lock: a chain that is due, or NULL and for how long there is none. */
static struct credential_chain *find_due(const struct identities *identities, int64_t *ret_ms)
{
	int64_t now_s = identities->sources.now_s();

	*ret_ms = KEEP_MAX_MS;
	for (struct identity *identity = identities->first; identity; identity = identity->next) {
		int64_t due_s = credential_chain_due_s(identity->chain);

		if (due_s <= now_s)
			return identity->chain;
		if (due_s - now_s < *ret_ms / 1000)
			*ret_ms = (due_s - now_s) * 1000;
	}
	if (*ret_ms < KEEP_MIN_MS)
		*ret_ms = KEEP_MIN_MS;
	return NULL;
}

/* Outside of the lock. After a failure it is due again after a pause. */
static void renew(struct credential_chain *chain)
{
	struct credentials *credentials = NULL;

	if (credential_chain_get(chain, &credentials, NULL) >= 0)
		credentials_unref(credentials);
}

int64_t identities_keep(struct identities *identities)
{
	struct credential_chain *due;
	int64_t pause_ms = 0;

	pthread_mutex_lock(&identities->lock);
	while (!identities->closing && (due = find_due(identities, &pause_ms))) {
		pthread_mutex_unlock(&identities->lock);
		renew(due);
		pthread_mutex_lock(&identities->lock);
	}
	pthread_mutex_unlock(&identities->lock);
	return pause_ms;
}

static bool wait_closing(struct identities *identities, int64_t pause_ms)
{
	int64_t deadline_ms = clock_mono_ms() + pause_ms;
	bool closing;

	pthread_mutex_lock(&identities->lock);
	while (!identities->closing && clock_left_ms(deadline_ms) > 0)
		wait_until(&identities->closed, &identities->lock, deadline_ms);
	closing = identities->closing;
	pthread_mutex_unlock(&identities->lock);
	return closing;
}

static void *keep(void *userdata)
{
	int64_t pause_ms;

	do
		pause_ms = identities_keep(userdata);
	while (!wait_closing(userdata, pause_ms));
	return NULL;
}

int identities_new(const struct credential_sources *sources, struct identities **ret)
{
	struct identities *identities = calloc(1, sizeof(*identities));
	int r;

	if (!identities)
		return -ENOMEM;
	identities->sources = *sources;
	pthread_mutex_init(&identities->lock, NULL);
	wait_init(&identities->closed);
	r = pthread_create(&identities->keeper, NULL, keep, identities);
	if (r != 0) {
		free(identities);
		return -r;
	}
	*ret = identities;
	return 0;
}

void identities_free(struct identities *identities)
{
	if (!identities)
		return;
	pthread_mutex_lock(&identities->lock);
	identities->closing = true;
	pthread_cond_signal(&identities->closed);
	pthread_mutex_unlock(&identities->lock);
	pthread_join(identities->keeper, NULL);
	while (identities->first) {
		struct identity *identity = identities->first;

		identities->first = identity->next;
		identity_free(identity);
	}
	pthread_cond_destroy(&identities->closed);
	pthread_mutex_destroy(&identities->lock);
	free(identities);
}

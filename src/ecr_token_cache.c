/*
 * One entry for each registry: the token in force, and whether somebody is fetching another: the
 * cache's own thread (at start and at half-life) or a request that found no valid one; all others
 * wait for the outcome or go on with the old token. The lock is never held during a fetch.
 */
#include "ecr_token_cache.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "clock.h"
#include "ecr_api.h"
#include "limits.h"
#include "log.h"
#include "wait.h"

enum {
	RETRY_FIRST_MS = 1000,
	RETRY_MAX_MS = 60 * 1000,
};

struct entry {
	const struct registry *registry;
	struct ecr_token *token; /* NULL: none, or refused */
	int64_t due_ms;          /* monotonic: when the thread fetches next */
	bool fetching;
	unsigned fetches;         /* ended ones */
	unsigned failures;        /* in a row */
	enum ecr_outcome outcome; /* of the last one */
	struct err why;
};

struct ecr_token_cache {
	const struct stop *stop;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_t thread;
	bool closing;
	size_t len;
	struct entry entries[];
};

static int64_t retry_pause_ms(unsigned failures)
{
	int64_t pause = (int64_t)RETRY_FIRST_MS << (failures > 6 ? 6 : failures);

	return pause < RETRY_MAX_MS ? pause : RETRY_MAX_MS;
}

/* Under the lock. */
static void store(struct entry *entry, enum ecr_outcome outcome, struct ecr_token *token)
{
	int64_t half_life_ms;

	entry->fetching = false;
	entry->fetches++;
	entry->outcome = outcome;
	if (outcome != ECR_DONE) {
		entry->due_ms = clock_mono_ms() + retry_pause_ms(entry->failures++);
		return;
	}
	ecr_token_unref(entry->token);
	entry->token = token;
	entry->failures = 0;
	half_life_ms = ecr_token_half_life_ms(token, clock_wall_s());
	/* Never at once again, however short a life the service gave it or the clock leaves it. */
	entry->due_ms =
	    clock_mono_ms() + (half_life_ms > RETRY_FIRST_MS ? half_life_ms : RETRY_FIRST_MS);
}

/* Under the lock, which it lets go during the call. */
static void fetch_token(struct ecr_token_cache *cache, struct entry *entry, int64_t deadline_ms)
{
	_cleanup_(secret_freep) char *base64 = NULL;
	struct ecr_token *token = NULL;
	enum ecr_outcome outcome;
	int64_t expires_s = 0;
	struct err why = {};

	entry->fetching = true;
	pthread_mutex_unlock(&cache->lock);
	outcome =
	    ecr_get_authorization_token(entry->registry, deadline_ms, &base64, &expires_s, &why);
	if (outcome == ECR_DONE && ecr_token_new(base64, expires_s, &token) < 0) {
		outcome = ECR_TRANSIENT;
		err_set(&why, -ENOMEM, "no memory for a token");
	}
	if (outcome != ECR_DONE && !stop_is_set(cache->stop))
		log_warn("no token for %s: %s", entry->registry->host, why.text);
	pthread_mutex_lock(&cache->lock);
	entry->why = why;
	store(entry, outcome, token);
	pthread_cond_broadcast(&cache->changed);
}

static struct entry *find_due(struct ecr_token_cache *cache, int64_t *ret_next_ms)
{
	int64_t now = clock_mono_ms();

	*ret_next_ms = now + RETRY_MAX_MS;
	for (size_t i = 0; i < cache->len; i++) {
		struct entry *entry = &cache->entries[i];

		if (entry->fetching)
			continue;
		if (entry->due_ms <= now)
			return entry;
		if (entry->due_ms < *ret_next_ms)
			*ret_next_ms = entry->due_ms;
	}
	return NULL;
}

static void *refresh(void *userdata)
{
	struct ecr_token_cache *cache = userdata;

	pthread_mutex_lock(&cache->lock);
	while (!cache->closing) {
		int64_t next_ms;
		struct entry *due = find_due(cache, &next_ms);

		if (due)
			fetch_token(cache, due, clock_mono_ms() + LIMIT_API_CALL_MS);
		else
			wait_until(&cache->changed, &cache->lock, next_ms);
	}
	pthread_mutex_unlock(&cache->lock);
	return NULL;
}

int ecr_token_cache_new(
    const struct registries *registries, const struct stop *stop, struct ecr_token_cache **ret)
{
	struct ecr_token_cache *cache;
	int r;

	cache = calloc(1, sizeof(*cache) + registries->len * sizeof(cache->entries[0]));
	if (!cache)
		return -ENOMEM;
	cache->stop = stop;
	cache->len = registries->len;
	for (size_t i = 0; i < cache->len; i++)
		cache->entries[i].registry = registries->items[i];
	pthread_mutex_init(&cache->lock, NULL);
	wait_init(&cache->changed);
	r = pthread_create(&cache->thread, NULL, refresh, cache);
	if (r != 0) {
		free(cache);
		return -r;
	}
	*ret = cache;
	return 0;
}

void ecr_token_cache_stop(struct ecr_token_cache *cache)
{
	if (!cache)
		return;
	pthread_mutex_lock(&cache->lock);
	cache->closing = true;
	pthread_cond_broadcast(&cache->changed);
	pthread_mutex_unlock(&cache->lock);
}

void ecr_token_cache_free(struct ecr_token_cache *cache)
{
	if (!cache)
		return;
	ecr_token_cache_stop(cache);
	pthread_join(cache->thread, NULL);
	for (size_t i = 0; i < cache->len; i++)
		ecr_token_unref(cache->entries[i].token);
	pthread_cond_destroy(&cache->changed);
	pthread_mutex_destroy(&cache->lock);
	free(cache);
}

static struct entry *entry_of(struct ecr_token_cache *cache, const struct registry *registry)
{
	for (size_t i = 0; i < cache->len; i++)
		if (cache->entries[i].registry == registry)
			return &cache->entries[i];
	return NULL;
}

static int refuse(const struct entry *entry, struct oci_error *refusal)
{
	if (entry->outcome == ECR_TRANSIENT || entry->fetches == 0)
		return oci_error_set(refusal, 504, "UNAVAILABLE",
		    "ecr-upsertd has no token for %s yet, try again: %s", entry->registry->host,
		    entry->why.text);
	return oci_error_set(refusal, 403, "DENIED", "ecr-upsertd cannot sign in to %s: %s",
	    entry->registry->host, entry->why.text);
}

/* Under the lock: until there is a valid token, a final failure, or the deadline. */
static int await_token(struct ecr_token_cache *cache, struct entry *entry, int64_t deadline_ms)
{
	while (!ecr_token_is_valid(entry->token, clock_wall_s())) {
		unsigned fetches = entry->fetches;

		if (clock_left_ms(deadline_ms) == 0 || stop_is_set(cache->stop))
			return -ETIMEDOUT;
		if (!entry->fetching)
			fetch_token(cache, entry, deadline_ms);
		else
			wait_until(&cache->changed, &cache->lock, deadline_ms);
		if (entry->fetches == fetches || entry->outcome == ECR_DONE)
			continue;
		if (entry->outcome != ECR_TRANSIENT)
			return -EACCES;
		/* Whoever fetches next waits first, so that a dead service is not hammered. */
		wait_until(&cache->changed, &cache->lock,
		    clock_within_ms(retry_pause_ms(entry->failures), deadline_ms));
	}
	return 0;
}

int ecr_token_get(struct ecr_token_cache *cache, const struct registry *registry,
    int64_t deadline_ms, struct ecr_token **ret, struct oci_error *refusal)
{
	struct entry *entry = entry_of(cache, registry);
	int r;

	pthread_mutex_lock(&cache->lock);
	r = await_token(cache, entry, deadline_ms);
	if (r == 0)
		*ret = ecr_token_ref(entry->token);
	else
		r = refuse(entry, refusal);
	pthread_mutex_unlock(&cache->lock);
	return r;
}

void ecr_token_refused(
    struct ecr_token_cache *cache, const struct registry *registry, const struct ecr_token *token)
{
	struct entry *entry = entry_of(cache, registry);

	pthread_mutex_lock(&cache->lock);
	if (entry->token == token) {
		ecr_token_unref(entry->token);
		entry->token = NULL;
	}
	pthread_mutex_unlock(&cache->lock);
}

bool ecr_token_cache_ready(struct ecr_token_cache *cache, struct err *why)
{
	bool ready = true;

	pthread_mutex_lock(&cache->lock);
	for (size_t i = 0; i < cache->len && ready; i++) {
		const struct entry *entry = &cache->entries[i];

		ready = ecr_token_is_valid(entry->token, clock_wall_s());
		if (!ready)
			err_set(why, 0, "no token for %s: %s", entry->registry->host,
			    entry->why.text[0] ? entry->why.text : "none was fetched yet");
	}
	pthread_mutex_unlock(&cache->lock);
	return ready;
}

/*
 * One entry for each registry that was listed or asked for: the token in force, and whether
 * somebody is fetching another: the cache's own thread (at start and at half-life) or a request
 * that found no valid one; all others wait for the outcome or go on with the old token. The lock is
 * never held during a fetch.
 */
#include "ecr_token_cache.h"

#include <errno.h>
#include <pthread.h>

#include "clock.h"
#include "ecr_token_entry.h"
#include "limits.h"
#include "log.h"
#include "wait.h"

struct ecr_token_cache {
	const struct stop *stop;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_t thread;
	bool closing;
	struct ecr_token_entry *entries;
	const struct registry *default_registry;
};

/* Under the lock, which it lets go during the call. */
static void fetch_token(
    struct ecr_token_cache *cache, struct ecr_token_entry *entry, int64_t deadline_ms)
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
	ecr_token_entry_store(entry, outcome, token);
	pthread_cond_broadcast(&cache->changed);
}

static struct ecr_token_entry *find_due(struct ecr_token_cache *cache, int64_t *ret_next_ms)
{
	int64_t now = clock_mono_ms();

	*ret_next_ms = now + ECR_TOKEN_RETRY_MAX_MS;
	for (struct ecr_token_entry *entry = cache->entries; entry; entry = entry->next) {
		if (entry->fetching || !(entry->listed || entry->used))
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
		struct ecr_token_entry *due = find_due(cache, &next_ms);

		if (due)
			fetch_token(cache, due, clock_mono_ms() + LIMIT_API_CALL_MS);
		else
			wait_until(&cache->changed, &cache->lock, next_ms);
	}
	pthread_mutex_unlock(&cache->lock);
	return NULL;
}

int ecr_token_cache_new(const struct stop *stop, struct ecr_token_cache **ret)
{
	struct ecr_token_cache *cache;
	int r;

	cache = calloc(1, sizeof(*cache));
	if (!cache)
		return -ENOMEM;
	cache->stop = stop;
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

int ecr_token_cache_list(struct ecr_token_cache *cache, const struct registries *listed)
{
	int r = 0;

	pthread_mutex_lock(&cache->lock);
	cache->default_registry = listed->items[0];
	for (struct ecr_token_entry *entry = cache->entries; entry; entry = entry->next) {
		entry->listed = false;
		for (size_t i = 0; i < listed->len && !entry->listed; i++)
			entry->listed = entry->registry == listed->items[i];
		if (!entry->listed && !entry->fetching)
			ecr_token_entry_forget(entry);
	}
	for (size_t i = 0; i < listed->len; i++) {
		struct ecr_token_entry *entry =
		    ecr_token_entry_of(&cache->entries, listed->items[i]);

		if (!entry) {
			r = -ENOMEM;
			break;
		}
		entry->listed = true;
		/* What failed may have been mended. */
		if (!entry->token)
			entry->due_ms = 0;
	}
	pthread_cond_broadcast(&cache->changed);
	pthread_mutex_unlock(&cache->lock);
	return r;
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
	ecr_token_entries_free(cache->entries);
	pthread_cond_destroy(&cache->changed);
	pthread_mutex_destroy(&cache->lock);
	free(cache);
}

/* Under the lock: until there is a valid token, a final failure, or the deadline. */
static int await_token(
    struct ecr_token_cache *cache, struct ecr_token_entry *entry, int64_t deadline_ms)
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
		    clock_within_ms(ecr_token_retry_pause_ms(entry->failures), deadline_ms));
	}
	return 0;
}

int ecr_token_get(struct ecr_token_cache *cache, const struct registry *registry,
    int64_t deadline_ms, struct ecr_token **ret, struct oci_error *refusal)
{
	struct ecr_token_entry *entry;
	int r;

	pthread_mutex_lock(&cache->lock);
	entry = ecr_token_entry_of(&cache->entries, registry);
	if (!entry) {
		pthread_mutex_unlock(&cache->lock);
		return oci_error_set(refusal, 504, "UNAVAILABLE", "ecr-upsertd is out of memory");
	}
	r = await_token(cache, entry, deadline_ms);
	entry->used = true;
	if (r == 0)
		*ret = ecr_token_ref(entry->token);
	else
		r = ecr_token_entry_refuse(entry, refusal);
	pthread_mutex_unlock(&cache->lock);
	return r;
}

void ecr_token_refused(
    struct ecr_token_cache *cache, const struct registry *registry, const struct ecr_token *token)
{
	struct ecr_token_entry *entry;

	pthread_mutex_lock(&cache->lock);
	entry = ecr_token_entry_of(&cache->entries, registry);
	if (entry && entry->token == token) {
		ecr_token_unref(entry->token);
		entry->token = NULL;
	}
	pthread_mutex_unlock(&cache->lock);
}

bool ecr_token_cache_ready(struct ecr_token_cache *cache, struct err *why)
{
	const struct ecr_token_entry *entry;
	bool ready;

	pthread_mutex_lock(&cache->lock);
	entry = ecr_token_entry_of(&cache->entries, cache->default_registry);
	ready = entry && ecr_token_is_valid(entry->token, clock_wall_s());
	if (entry && !ready)
		err_set(why, 0, "no token for %s: %s", entry->registry->host,
		    ecr_token_entry_why(entry));
	pthread_mutex_unlock(&cache->lock);
	return ready;
}

int ecr_token_cache_each(struct ecr_token_cache *cache, ecr_token_each each, void *userdata)
{
	int r = 0;

	pthread_mutex_lock(&cache->lock);
	for (const struct ecr_token_entry *entry = cache->entries; entry && r == 0;
	     entry = entry->next) {
		bool valid = ecr_token_is_valid(entry->token, clock_wall_s());

		if (!entry->listed && entry->fetches == 0)
			continue;
		r = each(userdata, entry->registry, valid ? entry->token->expires_s : 0,
		    entry->outcome == ECR_DONE ? NULL : ecr_token_entry_why(entry));
	}
	pthread_mutex_unlock(&cache->lock);
	return r;
}

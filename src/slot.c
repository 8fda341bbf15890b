#include "slot.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>

#include "limits.h"

int slot_new(const char *key, struct slot **ret)
{
	_cleanup_(slot_freep) struct slot *slot = calloc(1, sizeof(*slot));

	if (!slot)
		return -ENOMEM;
	slot->socket = CURL_SOCKET_BAD;
	slot->key = strdup(key);
	slot->multi = curl_multi_init();
	slot->easy = curl_easy_init();
	if (!slot->key || !slot->multi || !slot->easy)
		return -ENOMEM;
	if (curl_multi_setopt(slot->multi, CURLMOPT_MAXCONNECTS, 1L))
		return -ENOMEM;
	*ret = TAKE_PTR(slot);
	return 0;
}

void slot_free(struct slot *slot)
{
	if (!slot)
		return;
	curl_easy_cleanup(slot->easy);
	curl_multi_cleanup(slot->multi);
	free(slot->key);
	free(slot);
}

static void free_list(struct slot *list)
{
	while (list) {
		struct slot *next = list->next;

		slot_free(list);
		list = next;
	}
}

/*
 * An idle connection must say nothing. Octets on it are a body that must not be there (on HEAD, 204
 * or 304) or a second answer, and would be read as the head of the next one: curl 7.88.1 reuses a
 * connection with pending input. End of file and errors show as readable too.
 */
static bool is_silent(const struct slot *slot)
{
	struct pollfd fd = {.fd = slot->socket, .events = POLLIN};

	return poll(&fd, 1, 0) == 0;
}

void slot_pool_init(struct slot_pool *pool)
{
	pthread_mutex_init(&pool->lock, NULL);
	pool->idle = NULL;
}

/* Cuts off what comes after the newest `max` slots or is too old: the list is ordered by age. */
static struct slot *cut_old(struct slot_pool *pool, size_t max, int64_t now_ms)
{
	struct slot **link = &pool->idle, *old;

	while (*link && max && now_ms - (*link)->idle_since_ms < LIMIT_UPSTREAM_IDLE_S * 1000L) {
		link = &(*link)->next;
		max--;
	}
	old = *link;
	*link = NULL;
	return old;
}

static struct slot *unlink_match(struct slot_pool *pool, const char *key)
{
	for (struct slot **link = &pool->idle; *link; link = &(*link)->next) {
		struct slot *slot = *link;

		if (strcmp(slot->key, key) == 0) {
			*link = slot->next;
			slot->next = NULL;
			return slot;
		}
	}
	return NULL;
}

struct slot *slot_pool_take(struct slot_pool *pool, const char *key, int64_t now_ms)
{
	for (;;) {
		struct slot *old, *slot;

		pthread_mutex_lock(&pool->lock);
		old = cut_old(pool, LIMIT_UPSTREAM_SLOTS, now_ms);
		slot = unlink_match(pool, key);
		pthread_mutex_unlock(&pool->lock);
		free_list(old);
		if (!slot || is_silent(slot))
			return slot;
		slot_free(slot);
	}
}

void slot_pool_put(struct slot_pool *pool, struct slot *slot, int64_t now_ms)
{
	struct slot *old;

	slot->idle_since_ms = now_ms;
	pthread_mutex_lock(&pool->lock);
	slot->next = pool->idle;
	pool->idle = slot;
	old = cut_old(pool, LIMIT_UPSTREAM_SLOTS, now_ms);
	pthread_mutex_unlock(&pool->lock);
	free_list(old);
}

void slot_pool_close_idle(struct slot_pool *pool, int64_t now_ms)
{
	struct slot *old;

	pthread_mutex_lock(&pool->lock);
	old = cut_old(pool, LIMIT_UPSTREAM_SLOTS, now_ms);
	pthread_mutex_unlock(&pool->lock);
	free_list(old);
}

void slot_pool_finish(struct slot_pool *pool)
{
	free_list(pool->idle);
	pool->idle = NULL;
	pthread_mutex_destroy(&pool->lock);
}

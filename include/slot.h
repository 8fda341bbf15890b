#pragma once
/*
 * Slots of the upstream: each a curl multi with at most one connection, owned by one transfer at a
 * time, and a pool where idle ones wait. Last in, first out: the connection used most recently is
 * the one least likely to have been closed meanwhile. Only for the upstream's own files.
 */
#include <pthread.h>
#include <stdint.h>

#include "curl_common.h"

struct slot {
	struct slot *next;
	char *key; /* registry and address: a token never reaches another one's connection */
	CURLM *multi;
	CURL *easy;
	curl_socket_t socket; /* of the idle connection; CURL_SOCKET_BAD without one */
	int64_t idle_since_ms;
};

struct slot_pool {
	pthread_mutex_t lock; /* of the list; never held while a connection is closed */
	struct slot *idle;
};

/* Copies key. 0 or −ENOMEM. */
int slot_new(const char *key, struct slot **ret);
/* Closes its connection. NULL is allowed. */
void slot_free(struct slot *slot);
DEFINE_CLEANUP(struct slot *, slot_free);

void slot_pool_init(struct slot_pool *pool);
/*
 * An idle slot of that key whose connection is still open and silent, or NULL. Closes those that
 * were idle for too long.
 */
struct slot *slot_pool_take(struct slot_pool *pool, const char *key, int64_t now_ms);
/* Takes over the slot; closes the oldest ones beyond LIMIT_UPSTREAM_SLOTS. */
void slot_pool_put(struct slot_pool *pool, struct slot *slot, int64_t now_ms);
/* Closes those that were idle for too long. */
void slot_pool_close_idle(struct slot_pool *pool, int64_t now_ms);
void slot_pool_finish(struct slot_pool *pool);

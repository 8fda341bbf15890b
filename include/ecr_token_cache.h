#pragma once
/*
 * The registry's Basic token, cached for each registry. One thread of the cache's own fetches: at
 * start, at half of a token's life, and at once when a token was refused; requests share what it
 * brings and wait only when there is none. While a refresh fails the old token serves as long as it
 * is valid.
 */
#include <stdbool.h>
#include <stdint.h>

#include "ecr_token.h"
#include "err.h"
#include "oci_error.h"
#include "registry.h"
#include "stop.h"

struct ecr_token_cache;

/* Starts its thread. Borrows stop. */
int ecr_token_cache_new(const struct stop *stop, struct ecr_token_cache **ret);
/*
 * These are listed from now on: their tokens are fetched at once and refreshed; those of any other
 * registry come when one is asked for, and are forgotten by the next list. The registries (not the
 * list) are borrowed until the end. 0 or −ENOMEM.
 */
int ecr_token_cache_list(struct ecr_token_cache *cache, const struct registries *listed);
/* After stop_now(): wakes those who wait for a token. NULL is allowed. */
void ecr_token_cache_stop(struct ecr_token_cache *cache);
/* NULL is allowed. */
void ecr_token_cache_free(struct ecr_token_cache *cache);

/*
 * A valid token, waiting for one until the monotonic deadline. −EPERM with what the client is told:
 * a 4xx where credentials are missing or refused, 504 where it may succeed later.
 */
int ecr_token_get(struct ecr_token_cache *cache, const struct registry *registry,
    int64_t deadline_ms, struct ecr_token **ret, struct oci_error *refusal);

/* The registry refused this very token: fetch another. A newer one than it is left alone. */
void ecr_token_refused(
    struct ecr_token_cache *cache, const struct registry *registry, const struct ecr_token *token);

/* For /readyz: has the default registry, the first of the list, a valid token? Else one line why
   not: one that cannot be reached is no reason to take the others for dead. */
bool ecr_token_cache_ready(struct ecr_token_cache *cache, struct err *why);

/*
 * For status, under the cache's lock: each listed registry and those asked for since, when its
 * valid token ends (since the epoch; 0: it has none), and why the last fetch failed or NULL. A
 * callback's non-zero ends it and is returned.
 */
typedef int (*ecr_token_each)(
    void *userdata, const struct registry *registry, int64_t expires_s, const char *last_error);
int ecr_token_cache_each(struct ecr_token_cache *cache, ecr_token_each each, void *userdata);

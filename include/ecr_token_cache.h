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

/* Starts its thread, which fetches for all registries at once. Borrows both. */
int ecr_token_cache_new(
    const struct registries *registries, const struct stop *stop, struct ecr_token_cache **ret);
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

/* For /readyz: true when every registry has a valid token; else one line why not. */
bool ecr_token_cache_ready(struct ecr_token_cache *cache, struct err *why);

#pragma once
/*
 * What the token cache knows of one registry: the token in force and how the last fetch ended. Each
 * belongs to the cache's list; its lock guards them.
 */
#include <stdbool.h>
#include <stdint.h>

#include "ecr_api.h"
#include "ecr_token.h"
#include "oci_error.h"
#include "registry.h"

enum { ECR_TOKEN_RETRY_MAX_MS = 60 * 1000 };

struct ecr_token_entry {
	struct ecr_token_entry *next;
	const struct registry *registry;
	bool listed;             /* in the configuration: refreshed, and needed to be ready */
	bool used;               /* since the last fetch: refreshed too */
	struct ecr_token *token; /* NULL: none, or refused */
	int64_t due_ms;          /* monotonic: when the thread fetches next */
	bool fetching;
	unsigned fetches;         /* ended ones */
	unsigned failures;        /* in a row */
	enum ecr_outcome outcome; /* of the last one */
	struct err why;
};

/* In the list, added when missing; NULL without memory. */
struct ecr_token_entry *ecr_token_entry_of(
    struct ecr_token_entry **entries, const struct registry *registry);
/* All of the list. NULL is allowed. */
void ecr_token_entries_free(struct ecr_token_entry *entries);

/* As if nobody had ever asked for it; not during a fetch. */
void ecr_token_entry_forget(struct ecr_token_entry *entry);

/* How a fetch ended; takes over the token, which is NULL unless it is ECR_DONE. */
void ecr_token_entry_store(
    struct ecr_token_entry *entry, enum ecr_outcome outcome, struct ecr_token *token);

/* Between fetches that fail: 1, 2, 4 … 60 s. */
int64_t ecr_token_retry_pause_ms(unsigned failures);

/* Why there is no token, for a person. Borrowed. */
const char *ecr_token_entry_why(const struct ecr_token_entry *entry);

/* The same for a client: 504 for what may succeed later, else 403. Returns −EPERM. */
int ecr_token_entry_refuse(const struct ecr_token_entry *entry, struct oci_error *refusal);

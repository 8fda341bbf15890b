#include "ecr_token_entry.h"

#include "clock.h"

enum { RETRY_FIRST_MS = 1000 };

struct ecr_token_entry *ecr_token_entry_of(
    struct ecr_token_entry **entries, const struct registry *registry)
{
	struct ecr_token_entry **link = entries;

	while (*link && (*link)->registry != registry)
		link = &(*link)->next;
	if (!*link) {
		*link = calloc(1, sizeof(**link));
		if (*link)
			(*link)->registry = registry;
	}
	return *link;
}

void ecr_token_entries_free(struct ecr_token_entry *entries)
{
	while (entries) {
		struct ecr_token_entry *entry = entries;

		entries = entry->next;
		ecr_token_unref(entry->token);
		free(entry);
	}
}

void ecr_token_entry_forget(struct ecr_token_entry *entry)
{
	ecr_token_unref(entry->token);
	*entry = (struct ecr_token_entry){.next = entry->next, .registry = entry->registry};
}

int64_t ecr_token_retry_pause_ms(unsigned failures)
{
	int64_t pause = (int64_t)RETRY_FIRST_MS << (failures > 6 ? 6 : failures);

	return pause < ECR_TOKEN_RETRY_MAX_MS ? pause : ECR_TOKEN_RETRY_MAX_MS;
}

void ecr_token_entry_store(
    struct ecr_token_entry *entry, enum ecr_outcome outcome, struct ecr_token *token)
{
	int64_t half_life_ms;

	entry->fetching = false;
	entry->used = false;
	entry->fetches++;
	entry->outcome = outcome;
	if (outcome != ECR_DONE) {
		entry->due_ms = clock_mono_ms() + ecr_token_retry_pause_ms(entry->failures++);
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

const char *ecr_token_entry_why(const struct ecr_token_entry *entry)
{
	return entry->why.text[0] ? entry->why.text : "none was fetched yet";
}

int ecr_token_entry_refuse(const struct ecr_token_entry *entry, struct oci_error *refusal)
{
	if (entry->outcome == ECR_TRANSIENT || entry->fetches == 0)
		return oci_error_set(refusal, 504, "UNAVAILABLE",
		    "ecr-upsertd has no token for %s yet, try again: %s", entry->registry->host,
		    entry->why.text);
	return oci_error_set(refusal, 403, "DENIED", "ecr-upsertd cannot sign in to %s: %s",
	    entry->registry->host, entry->why.text);
}

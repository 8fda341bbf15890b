#pragma once
/*
 * Who we are towards each registry: one chain of credentials and one signing API for each distinct
 * choice, made when it is first asked for and kept until the end. Whose credentials are in use are
 * read anew ahead of their expiry by a thread of its own, so that a push seldom waits for them.
 * Thread-safe.
 */
#include "aws_api.h"
#include "credentials.h"

/* As a registry of the configuration has it; NULL: not given. */
struct identity_choice {
	const char *profile;  /* as the environment says */
	const char *role_arn; /* assumed with the credentials of the profile */
	const char *external_id;
	const char *region; /* of STS, as long as nobody has chosen the same for another one */
};

struct identities;

/* Borrows what the sources point to. 0 or −errno. */
int identities_new(const struct credential_sources *sources, struct identities **ret);
/* Their APIs are not to be used any more; ends what is under way by the fetcher's stop. NULL is
   allowed. */
void identities_free(struct identities *identities);
DEFINE_CLEANUP(struct identities *, identities_free);

/* Reads nothing yet. Borrowed, the same for the same choice. 0 or −ENOMEM. */
int identities_get(
    struct identities *identities, const struct identity_choice *choice, struct aws_api **ret);

/*
 * What the thread does all the time: reads credentials anew that are due for it. Returns for how
 * long, in milliseconds, there is nothing more to do.
 */
int64_t identities_keep(struct identities *identities);

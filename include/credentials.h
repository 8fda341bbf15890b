#pragma once
/*
 * AWS credentials from a chain of providers, each in a file of its own (cred_env.c,
 * cred_profile.c), in the order of every AWS tool. Snapshots are immutable and counted, so that no
 * lock is held while one is in use.
 */
#include <stdbool.h>
#include <stdint.h>

#include "cleanup.h"
#include "err.h"

struct credentials {
	unsigned references;
	char *access_key_id;
	char *secret_access_key;
	char *session_token; /* or NULL */
	int64_t expires_s;   /* since the epoch; 0 never */
	const char *source; /* as botocore names its methods: "env", "shared-credentials-file", … */
};

/*
 * Copies; session_token may be NULL. One reference. 0, −EINVAL when one of the three is empty or
 * holds a blank or what is not printable ASCII (a key copied with its line's end), −ENOMEM.
 */
int credentials_new(const char *access_key_id, const char *secret_access_key,
    const char *session_token, int64_t expires_s, const char *source, struct credentials **ret);
struct credentials *credentials_ref(struct credentials *credentials);
/* The last one wipes. NULL is allowed. */
void credentials_unref(struct credentials *credentials);
DEFINE_CLEANUP(struct credentials *, credentials_unref);

/* The same keys and token? */
bool credentials_equal(const struct credentials *a, const struct credentials *b);

/* What providers may look at; a test gives its own. */
struct credential_sources {
	const char *(*getenv)(const char *name);
	const char *home; /* or NULL */
};

/* NULL also for an empty one, as in every AWS tool. */
const char *credential_variable(const struct credential_sources *sources, const char *name);

/*
 * A provider: 0, −ENOENT not configured here (ask the next), else an error with a text: what is
 * configured but broken, or not supported yet, never falls through to other keys.
 */
typedef int (*credential_provider)(
    const struct credential_sources *sources, struct credentials **ret, struct err *e);

struct credential_chain;

/* Borrows the sources. */
int credential_chain_new(const struct credential_sources *sources, struct credential_chain **ret);
/* NULL is allowed. */
void credential_chain_free(struct credential_chain *chain);
DEFINE_CLEANUP(struct credential_chain *, credential_chain_free);

/*
 * The credentials in force, from the first provider that has any; kept until
 * credential_chain_forget(). −ENOENT when no provider has any; the text then says where one can
 * put some. Thread-safe.
 */
int credential_chain_get(struct credential_chain *chain, struct credentials **ret, struct err *e);

/*
 * They were refused (expired, unknown key): read again at the next get, files may have changed.
 * Others that are in force by now are left alone.
 */
void credential_chain_forget(struct credential_chain *chain, const struct credentials *refused);

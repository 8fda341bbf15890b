#pragma once
/*
 * AWS credentials as immutable, counted snapshots, so that no lock is held while one is in use, and
 * what those who find some (cred_*.c, one provider each) may look at.
 */
#include <stdbool.h>
#include <stdint.h>

#include "cleanup.h"
#include "err.h"
#include "fetch.h"

struct credentials {
	unsigned references;
	char *access_key_id;
	char *secret_access_key;
	char *session_token; /* or NULL */
	int64_t expires_s;   /* since the epoch; 0 never */
	const char *source; /* as botocore names its methods: "env", "shared-credentials-file", … */
	char *account;      /* whose they are, where the source tells; or NULL */
	char *arn;          /* of the assumed role, where the source tells; or NULL */
};

/*
 * Copies; session_token may be NULL. One reference. 0, −EINVAL when one of the three is empty or
 * holds a blank or what is not printable ASCII (a key copied with its line's end), −ENOMEM.
 */
int credentials_new(const char *access_key_id, const char *secret_access_key,
    const char *session_token, int64_t expires_s, const char *source, struct credentials **ret);
/*
 * Before anybody else has them: whose they are. Either may be NULL; without an account it is the
 * ARN's. 0 or −ENOMEM.
 */
int credentials_set_owner(struct credentials *credentials, const char *account, const char *arn);
struct credentials *credentials_ref(struct credentials *credentials);
/* The last one wipes. NULL is allowed. */
void credentials_unref(struct credentials *credentials);
DEFINE_CLEANUP(struct credentials *, credentials_unref);

/* The same keys and token? */
bool credentials_equal(const struct credentials *a, const struct credentials *b);

struct file_stamps;
struct profile_files;

/* What providers may look at; a test gives its own. */
struct credential_sources {
	const char *(*getenv)(const char *name);
	const char *home; /* or NULL */
	/*
	 * The profile, chosen explicitly: what the environment says of keys, roles and profiles is
	 * then passed over. NULL: as the environment says.
	 */
	const char *profile;
	const char *region;            /* of STS where no setting names one; or NULL */
	const struct fetcher *fetcher; /* for providers that ask a service */
	int64_t (*now_s)(void);        /* since the epoch */
	/* Of one look: the profiles' files as parsed, NULL: whoever needs them reads them; and
	   where the names of the files read are noted, or NULL. */
	const struct profile_files *files;
	struct file_stamps *seen;
};

/* NULL also for an empty one, as in every AWS tool. */
const char *credential_variable(const struct credential_sources *sources, const char *name);

/*
 * A provider: 0, −ENOENT not configured here (ask the next), else an error with a text: what is
 * configured but broken never falls through to other keys.
 */
typedef int (*credential_provider)(
    const struct credential_sources *sources, struct credentials **ret, struct err *e);

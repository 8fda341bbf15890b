#pragma once
/*
 * The credentials in force of one identity, kept until shortly before they expire. Thread-safe; one
 * thread reads at a time, outside of the lock.
 */
#include "credential_timing.h"

struct credential_chain;

/*
 * Reads credentials: as a provider. The names of the files that they depend on are noted in
 * `seen`, on failure too.
 */
typedef int (*credential_read)(
    void *userdata, struct file_stamps *seen, struct credentials **ret, struct err *e);

/* Of all providers in their order. Borrows the sources. */
int credential_chain_new(const struct credential_sources *sources, struct credential_chain **ret);
/* Of somebody's own; now_s as in struct credential_sources. */
int credential_chain_new_of(
    credential_read read, void *userdata, int64_t (*now_s)(void), struct credential_chain **ret);
/* Of given ones, borrowed, which never change. */
int credential_chain_new_fixed(
    struct credentials *credentials, int64_t (*now_s)(void), struct credential_chain **ret);
/* NULL is allowed. */
void credential_chain_free(struct credential_chain *chain);
DEFINE_CLEANUP(struct credential_chain *, credential_chain_free);

/*
 * The credentials in force; reads them when there are none, when they are about to expire, or when
 * a file that they came from has changed. Whatever goes wrong meanwhile, the old ones are served as
 * long as they are valid. As credential_providers_ask() when there are none left.
 */
int credential_chain_get(struct credential_chain *chain, struct credentials **ret, struct err *e);
/*
 * The same, but not later than the monotonic deadline: then with the old ones while they are valid,
 * else −ETIMEDOUT. The reading goes on for whoever asks next.
 */
int credential_chain_get_by(
    struct credential_chain *chain, int64_t deadline_ms, struct credentials **ret, struct err *e);

/* Such a failure: whoever hands out the credentials does not answer, which may pass. */
bool credential_failure_passes(int r);

/* Those in force or, expired, last in force; NULL before the first get. Reads nothing. */
struct credentials *credential_chain_peek(struct credential_chain *chain);

/*
 * When somebody should call credential_chain_get() so that nobody has to wait for it later: since
 * the epoch; INT64_MAX while there are none in force, none that expire, or somebody reads.
 */
int64_t credential_chain_due_s(struct credential_chain *chain);

/*
 * They were refused (expired, unknown key): read again at the next get, files may have changed.
 * Others that are in force by now are left alone.
 */
void credential_chain_forget(struct credential_chain *chain, const struct credentials *refused);

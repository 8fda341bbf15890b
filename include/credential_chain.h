#pragma once
/* The credentials in force of one identity. Thread-safe. */
#include "credentials.h"

struct credential_chain;

/* Borrows the sources. */
int credential_chain_new(const struct credential_sources *sources, struct credential_chain **ret);
/* NULL is allowed. */
void credential_chain_free(struct credential_chain *chain);
DEFINE_CLEANUP(struct credential_chain *, credential_chain_free);

/*
 * The credentials in force, from the first provider that has any; kept until
 * credential_chain_forget(). −ENOENT when no provider has any; the text then says where one can
 * put some.
 */
int credential_chain_get(struct credential_chain *chain, struct credentials **ret, struct err *e);

/*
 * They were refused (expired, unknown key): read again at the next get, files may have changed.
 * Others that are in force by now are left alone.
 */
void credential_chain_forget(struct credential_chain *chain, const struct credentials *refused);

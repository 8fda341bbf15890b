#pragma once
/*
 * Creates a missing repository, once, however many pushes wait for it: the first caller of a name
 * makes the creation (creation.h), the others wait for its outcome. A caller whose request was sent
 * before that outcome was known takes it too. AlreadyExists is success.
 */
#include <stdbool.h>
#include <stdint.h>

#include "creation.h"
#include "oci_error.h"

struct upsert;

/* Copies the context and borrows what is in it. 0 or −ENOMEM. */
int upsert_new(const struct creation_context *context, struct upsert **ret);
void upsert_free(struct upsert *upsert);

/*
 * asked_ms: when the request was sent that found the repository missing, monotonic. As
 * creation_make(), *ret_notice only for the caller whose creation it was.
 */
int upsert_repository(struct upsert *upsert, const struct creation_request *request,
    int64_t asked_ms, struct notice *ret_notice, struct oci_error *refusal);

/*
 * Does it exist? For a POST that was closed without an answer. 1 yes, 0 no, −EPERM with the refusal
 * when that could not be learnt.
 */
int upsert_repository_exists(const struct registry *registry, const char *repository,
    int64_t deadline_ms, struct oci_error *refusal);

#pragma once
/*
 * Creates a missing repository, once, however many pushes wait for it: the first caller of a name
 * asks the rules and makes the calls, the others wait for its outcome. A caller whose request was
 * sent before that outcome was known takes it too. AlreadyExists is success.
 */
#include <stdbool.h>
#include <stdint.h>

#include "ecr_api.h"
#include "oci_error.h"
#include "rules.h"
#include "stop.h"

struct upsert;

/* Borrows both; rules may be NULL. */
int upsert_new(const struct rules *rules, const struct stop *stop, struct upsert **ret);
void upsert_free(struct upsert *upsert);

/*
 * Until the repository exists or the monotonic deadline passes. asked_ms: when the request was sent
 * that found it missing, monotonic. 0, *ret_created telling whether it
 * was this call that created it; −EPERM with the refusal: 504 for what may succeed later, 4xx for
 * what will not. Its message goes on from the repository's name, which the caller puts before it.
 */
int upsert_repository(struct upsert *upsert, const struct registry *registry,
    const char *repository, int64_t asked_ms, int64_t deadline_ms, bool *ret_created,
    struct oci_error *refusal);

/*
 * Does it exist? For a POST that was closed without an answer. 1 yes, 0 no, −EPERM with the refusal
 * when that could not be learnt.
 */
int upsert_repository_exists(struct upsert *upsert, const struct registry *registry,
    const char *repository, int64_t deadline_ms, struct oci_error *refusal);

#pragma once
/*
 * Makes one missing repository by the team's rules: denies it, waits for somebody else to create
 * it, or creates it with the rule's settings. Called by upsert.c for the one push that leads.
 */
#include <stdbool.h>
#include <stdint.h>

#include "created.h"
#include "metrics.h"
#include "notice.h"
#include "oci_error.h"
#include "pending.h"
#include "refusals.h"
#include "registry.h"
#include "serving.h"
#include "stop.h"

/* What all creations share; borrowed. */
struct creation_context {
	struct created *created;
	struct pending *pending;
	struct refusals *refusals; /* NULL (but not in a daemon): nothing is remembered */
	struct metrics *metrics;   /* NULL (but not in a daemon): nothing is counted */
	const struct stop *stop;
	const char *host_name; /* of this machine, for ${host} */
};

/* Borrowed for the call. */
struct creation_request {
	const struct serving *serving;
	const struct registry *registry;
	const char *repository;
	const char *user;    /* who pushes, or NULL */
	int64_t deadline_ms; /* monotonic */
};

/*
 * Until the repository exists or the deadline passes: 0, *ret_notice saying what was created,
 * untouched where it was not by this call; −EPERM with the refusal: 504 for what may succeed later,
 * 4xx for what will not. Its message goes on from the repository's name, which the caller puts
 * before it. With 0, too, refusal->status may be 504: what to say if the push cannot go on in its
 * time after all.
 */
int creation_make(const struct creation_context *context, const struct creation_request *request,
    struct notice *ret_notice, struct oci_error *refusal);

#pragma once
/*
 * Names that were refused. What was refused for good is remembered for REFUSAL_MEMORY_MS, so that a
 * client that tries again costs no call; the newest REFUSALS_MAX are kept for the status.
 * Thread-safe.
 */
#include <stdbool.h>
#include <stdint.h>

#include "oci_error.h"

enum {
	REFUSALS_MAX = 1024,           /* a kilobyte each, mostly the reason */
	REFUSAL_MEMORY_MS = 60 * 1000, /* longer than the retries of one push, docker's 50 s */
};

struct refusals;

struct refused {
	const char *registry; /* its host; NULL, with passes: none of ours */
	const char *repository;
	const char *rule;   /* as people call it, or NULL */
	const char *remedy; /* one line: what to do; NULL: what the message says */
	bool passes;        /* it may be otherwise the next time: listed, but not remembered */
	int64_t time_ms;    /* since the epoch */
	const struct oci_error *error;
};

int refusals_new(struct refusals **ret);
/* NULL is allowed. */
void refusals_free(struct refusals *refusals);

/* Replaces what is known of that name; without memory it is simply not remembered. */
void refusals_note(struct refusals *refusals, const struct refused *refused);
/* True with the refusal when the name was refused less than REFUSAL_MEMORY_MS ago. */
bool refusals_find(struct refusals *refusals, const char *registry, const char *repository,
    int64_t now_ms, struct oci_error *ret);
/* No name is refused from memory any more; the list stays. */
void refusals_forget(struct refusals *refusals);
/* A JSON array, newest first. Appends; 0 or −ENOMEM. */
int refusals_write(struct refusals *refusals, struct str *ret);

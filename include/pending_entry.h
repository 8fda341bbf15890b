#pragma once
/*
 * One entry of the spool while it is in memory: what is still owed, how often it was tried, when it
 * is tried next. No lock and no I/O of its own; times are monotonic milliseconds.
 */
#include "follow_up.h"
#include "spool.h"

enum {
	PENDING_PAUSE_FIRST_MS = 100, /* ECR needs that long to know a new repository */
	PENDING_PAUSE_MAX_MS = 60 * 1000,
	/* What is not there by then was not created, or is gone: no call of ours lives longer. */
	PENDING_SETTLED_MS = 10 * 1000,
};

struct pending_step {
	bool refused;
	unsigned attempts; /* that failed */
	char *last_error;
};

struct pending_entry {
	struct pending_entry *next;
	struct spooled what; /* all but owed[] stays as it is */
	char name[SPOOL_NAME_SIZE];
	const struct registry *registry; /* NULL: to be looked up by its name */
	bool creating;                   /* CreateRepository is not decided yet */
	bool held;                       /* somebody works at it */
	bool again;                      /* a retry was asked for meanwhile */
	bool left;                       /* by an earlier run, or beyond its deadline */
	bool counted;                    /* by the budget, as created */
	bool over;                       /* nothing is to be done for it any more */
	int64_t since_ms;                /* when it was found, or created, or became unclear */
	int64_t due_ms;                  /* INT64_MAX: everything left is refused */
	int64_t pause_ms;
	struct pending_step steps[FOLLOW_UPS];
};

/* Takes the texts over; due at once. NULL without memory. */
struct pending_entry *pending_entry_new(
    struct spooled *what, const struct registry *registry, int64_t now_ms);
/* NULL is allowed. */
void pending_entry_free(struct pending_entry *entry);

/* Is this step to be tried now? Not before it is known whose the repository is. */
bool pending_entry_wants(const struct pending_entry *entry, enum follow_up step);
/* What came of trying it. */
void pending_entry_take(struct pending_entry *entry, enum follow_up step,
    enum follow_up_result result, const struct err *why, int64_t now_ms);
/* After each wanted step was tried once: when to try again; over when nothing is owed. */
void pending_entry_schedule(struct pending_entry *entry, int64_t now_ms);
/* Refused ones are wanted again, now, and of the registry as it is configured now. */
void pending_entry_retry(struct pending_entry *entry, int64_t now_ms);

/* How many steps are owed: none while it is being created. */
size_t pending_entry_len(const struct pending_entry *entry);
/* A JSON object for each, every one after a comma unless ret ends with '['. 0 or −ENOMEM. */
int pending_entry_write(const struct pending_entry *entry, struct str *ret);

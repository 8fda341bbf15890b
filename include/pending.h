#pragma once
/*
 * What is still owed to repositories that this daemon creates: a spool in the state directory,
 * written before CreateRepository is sent, so that a SIGKILL at any instant loses nothing, and the
 * thread that works at it. What somebody else made is never touched. Thread-safe; no lock is held
 * during a call or a write.
 *
 *   created_reserve
 *   pending_begin
 *   CreateRepository       done:            pending_fulfil
 *                          refused:         pending_drop
 *                          already exists:  pending_drop; when an earlier try of the same entry had
 *                                           no clear answer, pending_is_ours decides
 *                          no clear answer: pending_unclear
 *
 * Each of the three ends the caller's hold on the entry, and settles its reservation of the budget.
 */
#include <stdbool.h>
#include <stdint.h>

#include "created.h"
#include "registry.h"
#include "state_dir.h"
#include "stop.h"

enum {
	PENDING_MAX = 1000, /* entries; each may hold 40 KiB of policies */
	/* What a push waits for its follow-ups: a client's 30 s of silence are there for more. */
	PENDING_PATIENCE_MS = 3000,
};

struct pending;
struct pending_entry;

struct owed {
	const struct registry *registry;
	const char *repository;
	const char *rule, *user;                          /* or NULL */
	const char *lifecycle_policy, *repository_policy; /* JSON texts; NULL: none */
	const char *settings;                             /* of its creation_record, or NULL */
};

/* NULL when it is not configured (any more). Called from the spool's own thread. */
typedef const struct registry *(*registry_by_host)(const char *host, void *userdata);

/*
 * Reads what an earlier run left and starts to work at it. A file that is junk is set aside as
 * NAME.bad and logged. −errno with a text. Folder, created and stop are borrowed.
 */
int pending_open(struct state_dir *dir, struct created *created, registry_by_host find,
    void *userdata, const struct stop *stop, struct pending **ret, struct err *e);
/* Lets no further call begin; the entries stay for the next run. NULL is allowed. */
void pending_stop(struct pending *pending);
/* Waits for the thread. NULL is allowed. */
void pending_free(struct pending *pending);

/*
 * On disk when it returns. With −errno and a text nothing may be created. When PENDING_MAX are
 * owed the oldest refused one is given up, and logged; if none is refused: −ENOSPC. Takes over a
 * reservation of the budget when it succeeds.
 */
int pending_begin(
    struct pending *pending, const struct owed *owed, struct pending_entry **ret, struct err *e);
/* Nothing was created by us. */
void pending_drop(struct pending *pending, struct pending_entry *entry);
/*
 * It was created by us: notes that and makes the calls. What cannot be done by the monotonic
 * deadline, PENDING_PATIENCE_MS at most, or is refused, is left to the thread.
 */
void pending_fulfil(struct pending *pending, struct pending_entry *entry, int64_t deadline_ms);
/* Whether it was created is not known: the thread finds out, as after a crash. */
void pending_unclear(struct pending *pending, struct pending_entry *entry);
/*
 * It exists now: was it our request that created it? By its creation time, in AWS's clock. 1 yes,
 * 0 no, −EAGAIN with a text when that could not be learnt. The caller keeps the entry.
 */
int pending_is_ours(
    struct pending *pending, const struct pending_entry *entry, int64_t deadline_ms, struct err *e);

/* What was refused is asked for again, now. */
void pending_retry(struct pending *pending);

/* [{"registry","repository","what","attempts","last_error"}]. Appends; 0 or −ENOMEM. */
int pending_write(struct pending *pending, struct str *ret);
/* How many objects pending_write() would write. */
size_t pending_len(struct pending *pending);

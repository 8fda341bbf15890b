#pragma once
/*
 * What this daemon has created: created.jsonl for ever, the last hour of it in memory for the
 * budget, the newest for the status. Thread-safe.
 */
#include <stdbool.h>
#include <stdint.h>

#include "creation_record.h"
#include "err.h"
#include "state_dir.h"

enum {
	CREATED_RECENT = 100,           /* that the status shows */
	CREATED_HOUR_MS = 3600 * 1000L, /* that the budget counts */
};

struct created;

/*
 * Reads what there is; a line that is truncated or junk is skipped and logged. −errno with a text
 * when the file cannot be read or written. The folder is borrowed. now_ms: since the epoch.
 */
int created_open(struct state_dir *dir, int64_t now_ms, struct created **ret, struct err *e);
/* NULL is allowed. */
void created_free(struct created *created);

/* One of max_per_hour: 0, or −EDQUOT when the last hour's and those reserved are as many. */
int created_reserve(struct created *created, unsigned max_per_hour, int64_t now_ms);
/* What was reserved is not created. From pending_begin() on the spool does this itself. */
void created_release(struct created *created);
/*
 * Uses up a reservation and appends the line, on disk when it returns. −errno when it could not be
 * written; it counts all the same, and created_write() may try again.
 */
int created_note(struct created *created, const struct creation_record *record);
/* Only the line: for one that counts already. 0 or −errno. */
int created_write(struct created *created, const struct creation_record *record);
/* Is this very record in the file? 1, 0 or −errno. Reads it from the beginning. */
int created_has(const struct created *created, const struct creation_record *record);

unsigned created_last_hour(struct created *created, int64_t now_ms);
/* A JSON array of the newest CREATED_RECENT, newest first. Appends; 0 or −ENOMEM. */
int created_write_recent(struct created *created, struct str *ret);

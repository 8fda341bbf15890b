#pragma once
/* Names to addresses, several at once, within a time: the system's resolver knows no deadline. */
#include <stddef.h>
#include <stdint.h>

enum resolve_outcome {
	RESOLVE_DONE,
	RESOLVE_UNKNOWN, /* there is no such name */
	RESOLVE_FAILED,  /* the resolver failed, or nobody answers it */
	RESOLVE_LATE,    /* no word until the deadline */
};

enum { RESOLVE_MAX = 4 };

/*
 * Each in a thread of its own; one that is late goes on by itself, holding what it needs. names: up
 * to RESOLVE_MAX. 0 with an outcome for each, or −ENOMEM, −EAGAIN (no thread).
 */
int resolve(const char *const *names, size_t len, int64_t deadline_ms,
    enum resolve_outcome ret[static RESOLVE_MAX]);

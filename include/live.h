#pragma once
/*
 * The exchanges under way, for status: each is entered when it is known what it moves, and counts
 * its octets by a relaxed store, which costs the data path nothing.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include "str.h"

struct live_transfer;

struct live {
	pthread_mutex_t lock; /* of the list; the counters need none */
	struct live_transfer *first;
	uint64_t begun; /* so many so far: the newest one's number */
};

/* Part of its exchange. Zeroed: not entered. */
struct live_transfer {
	struct live *live;
	struct live_transfer *next, **link;
	const char *repository, *operation;
	uint64_t id;
	int64_t began_ms;
	_Atomic int64_t bytes, total; /* of the body; total −1: not known */
};

void live_init(struct live *live);
/* All transfers have ended. */
void live_finish(struct live *live);

/* Texts are borrowed until live_end(). total: octets of body that will come, −1 unknown. */
void live_begin(struct live *live, struct live_transfer *transfer, const char *repository,
    const char *operation, int64_t total, int64_t now_ms);

/* From now on it is another body: the answer's. */
void live_expect(struct live_transfer *transfer, int64_t total);

static inline void live_count(struct live_transfer *transfer, uint64_t bytes)
{
	atomic_store_explicit(&transfer->bytes, (int64_t)bytes, memory_order_relaxed);
}

/* One that was not entered is left alone. */
void live_end(struct live_transfer *transfer);

size_t live_len(struct live *live);

/* Appends status' "transfers", the newest first. 0 or −ENOMEM. */
int live_write(struct live *live, int64_t now_ms, struct str *ret);

#pragma once
/*
 * The spool at work, behind pending.h. An entry is held by one at a time: the caller that creates,
 * or the thread. Only the holder works at it; the lock is for the list and for what others may look
 * at meanwhile. Its file is removed when nothing is owed any more, and put anew when part of it was
 * done; one that could not be put anew only means that a call is repeated after a restart, which
 * changes nothing.
 */
#include <pthread.h>

#include "pending.h"
#include "pending_entry.h"

struct pending {
	struct created *created;
	registry_by_host find;
	void *userdata;
	const struct stop *stop;
	struct spool *spool;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool stopping;
	struct pending_entry *oldest; /* and younger ones behind it */
	size_t len;
};

/* Under the lock. */
void pending_add(struct pending *pending, struct pending_entry *entry);
void pending_take_off(struct pending *pending, struct pending_entry *entry);

/* Without the lock: onto the list, in place of a refused one if need be. 0 or −ENOSPC. */
int pending_take_place(struct pending *pending, struct pending_entry *entry);

/*
 * Under the lock: the repository is this entry's, so others of its name have nothing to do with it
 * any more: those that do not know yet, or with `all` every one.
 */
void pending_supersede(struct pending *pending, const struct pending_entry *entry, bool all);

/* Without the lock, of one that is off the list: removes the file, frees the entry. */
void pending_discard(struct pending *pending, struct pending_entry *entry);
/* Without the lock: writes the file. 0 or −errno. */
int pending_put(struct pending *pending, const struct pending_entry *entry);

/* By the holder: tries each step that is wanted once. True when one was done. */
bool pending_try(struct pending *pending, struct pending_entry *entry, int64_t deadline_ms);
/* Ends the hold: what is over goes, what is left is the thread's. progress: as pending_try(). */
void pending_let_go(struct pending *pending, struct pending_entry *entry, bool progress);

/* The thread. userdata: struct pending. */
void *pending_work(void *userdata);

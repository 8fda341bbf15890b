#pragma once
/*
 * The signals to end while the main thread is busy starting: whoever hands out credentials may let
 * it wait for a minute.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "stop.h"

struct interruption {
	struct stop *stop;
	pthread_t watcher;
	atomic_bool over;
	bool came; /* to be read after interruption_end() */
};

/* SIGTERM and SIGINT, blocked by all threads, set stop from now on. Borrows it. 0 or −errno. */
int interruption_begin(struct interruption *interruption, struct stop *stop);
/* They are the caller's again; true when one has come. */
bool interruption_end(struct interruption *interruption);

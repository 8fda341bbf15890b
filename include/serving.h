#pragma once
/*
 * What the configuration says now: which registries, under which names, for whom, by which rules.
 * A snapshot is immutable and counted: SIGHUP puts another one in force, an exchange keeps the one
 * that it began with.
 */
#include "cleanup.h"
#include "config.h"
#include "gate.h"
#include "registry.h"

struct serving {
	unsigned references;
	struct config *config;        /* owned */
	struct registries registries; /* the list is owned, the registries are the book's */
	struct gate_hosts hosts;      /* the listeners' names, borrowed, and the configuration's */
};

/*
 * One reference. Takes over config and the list, both also on failure. listeners: what of Host is
 * ours without configuration, borrowed. 0 or −ENOMEM.
 */
int serving_new(struct config *config, struct registries *registries, struct gate_hosts listeners,
    struct serving **ret);
void serving_unref(struct serving *serving);
DEFINE_CLEANUP(struct serving *, serving_unref);

/* The place of the one in force. Thread-safe. */
struct serving_place;

/* Takes over the reference. 0 or −ENOMEM. */
int serving_place_new(struct serving *first, struct serving_place **ret);
/* NULL is allowed. */
void serving_place_free(struct serving_place *place);
/* A reference to the one in force. */
struct serving *serving_current(struct serving_place *place);
/* Takes over the reference of the next one. */
void serving_replace(struct serving_place *place, struct serving *next);

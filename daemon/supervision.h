#pragma once
/*
 * What a service manager sees of the daemon: when it is ready, a line of status, and a sign of life
 * that is given only while the daemon's work can be done.
 */
#include "notify.h"
#include "str.h"

struct service;

struct supervision {
	struct notify notify;
	struct str said;      /* the last line of status */
	int64_t alive_due_ms; /* monotonic: when the watchdog is to hear of us */
};

/* Reads NOTIFY_SOCKET and WATCHDOG_*. */
void supervision_init(struct supervision *supervision);
void supervision_finish(struct supervision *supervision);

/* Clients can connect; also the end of a reload. */
void supervision_ready(struct service *service);
void supervision_reloading(struct service *service);
/* active: requests that are waited for. */
void supervision_stopping(struct service *service, size_t active);

/* How long until supervision_look() has something to do, at most. */
int64_t supervision_left_ms(const struct supervision *supervision);
/*
 * Tells what has changed. When the watchdog's sign is due: knocks at the proxy's door, and takes
 * every lock that an exchange takes; where that hangs, the sign never comes.
 */
void supervision_look(struct service *service);

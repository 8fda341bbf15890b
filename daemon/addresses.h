#pragma once
/*
 * The listening sockets: those that the service manager passed and those that the configuration
 * asks for besides; and which Host values belong to them.
 */
#include "config.h"
#include "err.h"
#include "gate.h"
#include "options.h"
#include "passed_sockets.h"

enum { ADDRESS_NAMES = 4 }; /* of each listener: as it was given, and what leads to it */

struct addresses {
	int fds[OPTION_LIST_MAX];
	size_t len;
	int admin_fd; /* −1: off */
	unsigned port;
	unsigned admin_port;
	/* NULL-terminated: every ADDR:PORT as a client would write it */
	char *names[ADDRESS_NAMES * OPTION_LIST_MAX + 1];
	char *admin_names[2];
};

/*
 * All or none. Takes over the passed sockets. Where some were passed for clients, the defaults are
 * not opened, but what `listen` names besides is; one that was passed as admin takes the place of
 * `admin`. Before the first client is there: a passed NETLINK_SOCK_DIAG is peer_owner.h's. −errno
 * with a text that names the address.
 */
int addresses_open(struct addresses *ret, const struct passed_sockets *passed,
    const struct config *config, struct err *e);

struct gate_hosts addresses_hosts(const struct addresses *addresses);
struct gate_hosts addresses_admin_hosts(const struct addresses *addresses);

/* One line: where clients and the admin page connect, with the ports that were chosen. */
void addresses_log(const struct addresses *addresses, const char *registry);

/* Closes what is still open. */
void addresses_finish(struct addresses *addresses);

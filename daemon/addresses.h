#pragma once
/* The listening sockets that the configuration asks for, and which Host values belong to them. */
#include "config.h"
#include "err.h"
#include "gate.h"
#include "options.h"

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

/* All or none. −errno with a text that names the address. */
int addresses_open(struct addresses *ret, const struct config *config, struct err *e);

struct gate_hosts addresses_hosts(const struct addresses *addresses);
struct gate_hosts addresses_admin_hosts(const struct addresses *addresses);

/* One line: where clients and the admin page connect, with the ports that were chosen. */
void addresses_log(const struct addresses *addresses, const char *registry);

/* Closes what is still open. */
void addresses_finish(struct addresses *addresses);

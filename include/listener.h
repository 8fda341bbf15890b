#pragma once
/* Addresses to listening sockets. */
#include <stdbool.h>

#include "err.h"

/*
 * "127.0.0.1:5100", "[::1]:5100" (port 0: any free one) to a listening socket. Beyond loopback only
 * with `unsafe`. −EINVAL no such form, −EPERM not loopback, else the system's error; the text says
 * which address and what to do.
 */
int listener_open(const char *address, bool unsafe, int *ret_fd, struct err *e);

/* What listener_open() finds before it asks the system: 0, −EINVAL, −EPERM, −ENOMEM. */
int listener_check(const char *address, bool unsafe, struct err *e);

/* Has it the form that listener_open() takes? */
bool listener_is_address(const char *address);

/* Port that a socket is bound to, or −errno. */
int listener_port(int fd);

#pragma once
/* Addresses to listening sockets. */
#include <stdbool.h>

#include "address_text.h"
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

/*
 * A socket that somebody else opened is one to accept clients at as well: of TCP over IP,
 * listening, and on loopback unless `unsafe`. It is made close-on-exec and non-blocking; *ret is
 * its address as text. −EPROTOTYPE: of another kind, −EPERM as above, each with a text; it stays
 * the caller's.
 */
int listener_adopt(int fd, bool unsafe, char ret[static ADDRESS_TEXT_SIZE], struct err *e);

/* Is that where the socket listens? */
bool listener_is_at(int fd, const char *address);

/* Port that a socket is bound to, or −errno. */
int listener_port(int fd);

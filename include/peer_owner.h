#pragma once
/*
 * Whose process is at the other end of a connection on this machine: the kernel's socket
 * diagnostics (sock_diag(7), NETLINK_SOCK_DIAG), asked for exactly these two addresses. The one
 * Linux-only file.
 *
 * Not /proc/net/tcp: to read it the kernel walks its whole table of connections, whatever the
 * number in use. Measured with 500 connections open on two busy cores, kernel 6.18: 30 ms, and 20
 * to 30 ms more for tcp6, against 7 to 60 µs with a socket opened for the question. It needs
 * AF_NETLINK (systemd: RestrictAddressFamilies=) and the module tcp_diag, which the kernel loads by
 * itself. As with /proc, it tells other users' numbers in terms of the user namespace in which the
 * asking socket was opened: with PrivateUsers= all of them are 65534, unless the manager opened it
 * (ListenNetlink=) and passed it.
 */
#include <sys/types.h>

/*
 * From now on all questions go through this one, NETLINK_SOCK_DIAG, open until the process ends: to
 * be called before there are threads. −EPROTOTYPE: it is another kind of socket, and still the
 * caller's.
 */
int peer_owner_ask_through(int netlink);

/*
 * fd: our end. A client that dialled ::ffff:127.0.0.1 is found too. 0; −ENOENT: no process here has
 * the other end (it is on another machine or was closed); else −errno: it cannot be told.
 */
int peer_owner(int fd, uid_t *ret);

#pragma once
/*
 * Who comes in: one thread accepts, waits for a client's first byte and then hands the socket to
 * the HTTP server. A TLS ClientHello (first byte 0x16) is answered in plain HTTP and closed:
 * containerd ≥ 1.6.25 and Docker ≥ 28 fall back to plain HTTP only when they see "HTTP/".
 */
#include <stddef.h>

#include "err.h"
#include "http_server.h"

struct door;

/* Takes over the sockets on success. */
int door_open(const int *listen_fds, size_t len, struct http_server *server, struct door **ret,
    struct err *e);

/* Stops accepting, closes the sockets, joins. NULL is allowed. */
void door_close(struct door *door);
DEFINE_CLEANUP(struct door *, door_close);

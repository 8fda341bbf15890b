#pragma once
/*
 * One connection of the origin, plain or TLS, with a window of bytes read ahead. Blocking; every
 * int is 0 or −1 (the connection is of no further use).
 */
#include <openssl/ssl.h>
#include <stdint.h>

struct conn {
	int fd;
	SSL *ssl; /* NULL on the plain port */
	char *in;
	size_t start, end; /* in[start, end) was read and not yet used */
};

/* Shakes hands where tls is given. The descriptor belongs to the connection even on failure. */
int conn_init(struct conn *c, int fd, SSL_CTX *tls);
void conn_finish(struct conn *c);

/* Reads some more bytes behind the window; −1 at the end of the stream or when it is full. */
int conn_fill(struct conn *c);

/* Drops the next `len` bytes of the stream, as cheaply as the transport allows. */
int conn_skip(struct conn *c, uint64_t len);

/* May hold bytes back until conn_flush(). */
int conn_write(struct conn *c, const void *bytes, size_t len);
int conn_flush(struct conn *c);

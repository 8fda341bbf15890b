/*
 * What makes it fast: TLS records are gathered into one send() of OUT_SIZE (OpenSSL writes each
 * 16 KiB record by itself), several records are taken by one recv() (read-ahead, set on the
 * context), and plain bytes that nobody looks at are dropped inside the kernel (MSG_TRUNC).
 */
#include "conn.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	IN_SIZE = 128 * 1024,
	OUT_SIZE = 256 * 1024,
	SKIP_MAX = 1024 * 1024,
};

static int shake_hands(struct conn *c, SSL_CTX *tls)
{
	BIO *in = BIO_new_socket(c->fd, BIO_NOCLOSE);
	BIO *out = BIO_new(BIO_f_buffer());

	c->ssl = SSL_new(tls);
	if (!c->ssl || !in || !out || BIO_set_write_buffer_size(out, OUT_SIZE) != 1)
		return -1;
	SSL_set_bio(c->ssl, in, BIO_push(out, BIO_new_socket(c->fd, BIO_NOCLOSE)));
	return SSL_accept(c->ssl) == 1 ? 0 : -1;
}

int conn_init(struct conn *c, int fd, SSL_CTX *tls)
{
	int on = 1;

	*c = (struct conn){.fd = fd, .in = malloc(IN_SIZE)};
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (!c->in)
		return -1;
	return tls ? shake_hands(c, tls) : 0;
}

void conn_finish(struct conn *c)
{
	SSL_free(c->ssl);
	free(c->in);
	close(c->fd);
}

int conn_fill(struct conn *c)
{
	size_t room;
	ssize_t got;

	if (c->start) {
		memmove(c->in, c->in + c->start, c->end - c->start);
		c->end -= c->start;
		c->start = 0;
	}
	room = IN_SIZE - c->end;
	if (!room)
		return -1;
	got = c->ssl ? SSL_read(c->ssl, c->in + c->end, (int)room)
		     : recv(c->fd, c->in + c->end, room, 0);
	if (got <= 0)
		return -1;
	c->end += (size_t)got;
	return 0;
}

static size_t smaller(uint64_t a, size_t b)
{
	return a < b ? (size_t)a : b;
}

int conn_skip(struct conn *c, uint64_t len)
{
	while (len) {
		size_t have = smaller(len, c->end - c->start);
		ssize_t got;

		c->start += have;
		len -= have;
		if (!len)
			return 0;
		if (c->ssl || len < IN_SIZE) {
			if (conn_fill(c) < 0)
				return -1;
			continue;
		}
		got = recv(c->fd, NULL, smaller(len, SKIP_MAX), MSG_TRUNC);
		if (got <= 0)
			return -1;
		len -= (uint64_t)got;
	}
	return 0;
}

int conn_write(struct conn *c, const void *bytes, size_t len)
{
	const char *next = bytes;

	while (len) {
		ssize_t sent = c->ssl ? SSL_write(c->ssl, next, (int)len)
				      : send(c->fd, next, len, MSG_NOSIGNAL);

		if (sent <= 0)
			return -1;
		next += sent;
		len -= (size_t)sent;
	}
	return 0;
}

int conn_flush(struct conn *c)
{
	return !c->ssl || BIO_flush(SSL_get_wbio(c->ssl)) == 1 ? 0 : -1;
}

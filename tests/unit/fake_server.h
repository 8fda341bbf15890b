#pragma once
/*
 * A server on a free port of 127.0.0.1 that does exactly what a test's script says: the script runs
 * in a thread of its own for each connection, and the connection closes when it returns.
 */
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct fake_connection {
	struct fake_server *server;
	int fd;
	SSL *ssl;         /* or NULL */
	int number;       /* from 0 in the order of accepting */
	char head[65536]; /* the last request's head, then what was read beyond it */
	size_t head_len;
	size_t extra_at;
	size_t extra_len;
};

typedef void fake_script(struct fake_connection *connection);

struct fake_server {
	fake_script *script;
	void *arg; /* for the script */
	SSL_CTX *tls;
	unsigned port;
	atomic_int connections;
	atomic_int requests;
	atomic_int resumed; /* TLS sessions */
	atomic_bool quit;   /* scripts that wait look here */
	int fd;
	pthread_t thread;
	pthread_t workers[1024];
};

/* tls: taken over; NULL for plain HTTP. */
void fake_server_start(struct fake_server *server, fake_script *script, void *arg, SSL_CTX *tls);
/* Waits for all scripts to return. */
void fake_server_stop(struct fake_server *server);

/* The next request's head, NUL-terminated; NULL when the peer closed before one. */
const char *fake_read_head(struct fake_connection *connection);
/* Octets as they come: > 0, 0 at the end, −1 on error. */
ssize_t fake_read(struct fake_connection *connection, char *buffer, size_t max);
/* Reads and drops exactly len octets; false when the peer closed before. */
bool fake_skip(struct fake_connection *connection, size_t len);
/* All octets; false when the peer closed. */
bool fake_write(struct fake_connection *connection, const char *bytes, size_t len);
bool fake_say(struct fake_connection *connection, const char *text);
/* The connection's end will be a reset. */
void fake_reset(struct fake_connection *connection);
/* Says no more and waits until the peer closes or the test ends. */
void fake_hang(struct fake_connection *connection);

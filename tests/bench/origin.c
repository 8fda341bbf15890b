/*
 * A registry that is only fast: one thread per connection, zeros out, everything in dropped. It
 * stands for ECR and its API in benchmarks and in tests with large blobs:
 *
 *     origin CA_FILE
 *
 * serves on two free loopback ports, writes the certificate to trust to CA_FILE, prints
 * {"https": PORT, "http": PORT} and stays until its standard input ends.
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "certificate.h"
#include "conn.h"
#include "registry.h"
#include "request.h"

enum {
	BACKLOG = 1024,
	STACK = 256 * 1024,
};

struct listener {
	int fd;
	SSL_CTX *tls;
	const char *scheme;
};

struct client {
	int fd;
	const struct listener *from;
};

static int serve_one(struct conn *c, const char *scheme)
{
	struct request request;
	uint64_t received;

	if (request_read(c, &request) < 0)
		return -1;
	if (request.expects &&
	    (conn_write(c, "HTTP/1.1 100 Continue\r\n\r\n", 25) < 0 || conn_flush(c) < 0))
		return -1;
	if (request_discard_body(c, &request, &received) < 0 ||
	    registry_answer(c, &request, scheme, received) < 0 || conn_flush(c) < 0)
		return -1;
	return request.close ? -1 : 0;
}

static void *serve(void *argument)
{
	struct client client = *(struct client *)argument;
	struct conn c;

	free(argument);
	if (conn_init(&c, client.fd, client.from->tls) == 0)
		while (serve_one(&c, client.from->scheme) == 0)
			;
	conn_finish(&c);
	return NULL;
}

static void start_client(const struct listener *from, int fd, const pthread_attr_t *attributes)
{
	struct client *client = malloc(sizeof(*client));
	pthread_t thread;

	if (client) {
		*client = (struct client){.fd = fd, .from = from};
		if (pthread_create(&thread, attributes, serve, client) == 0)
			return;
	}
	free(client);
	close(fd);
}

static void *accept_all(void *argument)
{
	const struct listener *listener = argument;
	pthread_attr_t attributes;

	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attributes, STACK);
	for (;;) {
		int fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC);

		if (fd >= 0)
			start_client(listener, fd, &attributes);
	}
	return NULL;
}

/* Listens on a free port of 127.0.0.1 and accepts from then on; returns the port or −1. */
static int start_listener(struct listener *listener)
{
	struct sockaddr_in address = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);
	pthread_t thread;

	listener->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (listener->fd < 0 || bind(listener->fd, (struct sockaddr *)&address, len) < 0 ||
	    listen(listener->fd, BACKLOG) < 0 ||
	    getsockname(listener->fd, (struct sockaddr *)&address, &len) < 0 ||
	    pthread_create(&thread, NULL, accept_all, listener) != 0)
		return -1;
	return ntohs(address.sin_port);
}

int main(int argc, char **argv)
{
	static struct listener https = {.scheme = "https"}, http = {.scheme = "http"};
	int https_port, http_port;
	char byte;

	if (argc != 2 || argv[1][0] == '-') {
		fprintf(stderr, "usage: origin CA_FILE\n");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	https.tls = certificate_context(argv[1]);
	if (!https.tls) {
		fprintf(stderr, "origin: cannot write a certificate to %s\n", argv[1]);
		return 1;
	}
	https_port = start_listener(&https);
	http_port = start_listener(&http);
	if (https_port < 0 || http_port < 0) {
		perror("origin: cannot listen on 127.0.0.1");
		return 1;
	}
	printf("{\"https\": %d, \"http\": %d}\n", https_port, http_port);
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	_exit(0);
}

#include "fake_server.h"

#include <arpa/inet.h>
#include <check.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TICK_MS = 20 };

static void close_connection(struct fake_connection *connection)
{
	if (connection->ssl) {
		SSL_shutdown(connection->ssl);
		SSL_free(connection->ssl);
	}
	close(connection->fd);
	free(connection);
}

static void *serve(void *arg)
{
	struct fake_connection *connection = arg;
	struct fake_server *server = connection->server;

	if (server->tls) {
		connection->ssl = SSL_new(server->tls);
		SSL_set_fd(connection->ssl, connection->fd);
		if (SSL_accept(connection->ssl) <= 0) {
			SSL_free(connection->ssl);
			connection->ssl = NULL;
			close_connection(connection);
			return NULL;
		}
	}
	if (connection->ssl && SSL_session_reused(connection->ssl))
		server->resumed++;
	server->script(connection);
	close_connection(connection);
	return NULL;
}

static void *accept_all(void *arg)
{
	struct fake_server *server = arg;

	while (!server->quit) {
		struct pollfd fd = {.fd = server->fd, .events = POLLIN};
		struct fake_connection *connection;
		int client, on = 1;

		if (poll(&fd, 1, TICK_MS) <= 0)
			continue;
		client = accept(server->fd, NULL, NULL);
		if (client < 0)
			continue;
		setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		connection = calloc(1, sizeof(*connection));
		connection->server = server;
		connection->fd = client;
		connection->number = server->connections++;
		pthread_create(&server->workers[connection->number], NULL, serve, connection);
	}
	return NULL;
}

void fake_server_start(struct fake_server *server, fake_script *script, void *arg, SSL_CTX *tls)
{
	struct sockaddr_in address = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);

	signal(SIGPIPE, SIG_IGN);
	*server = (struct fake_server){.script = script, .arg = arg, .tls = tls};
	server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(server->fd, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(listen(server->fd, 256), 0);
	ck_assert_int_eq(getsockname(server->fd, (struct sockaddr *)&address, &len), 0);
	server->port = ntohs(address.sin_port);
	ck_assert_int_eq(pthread_create(&server->thread, NULL, accept_all, server), 0);
}

void fake_server_stop(struct fake_server *server)
{
	server->quit = true;
	pthread_join(server->thread, NULL);
	for (int i = 0; i < server->connections; i++)
		pthread_join(server->workers[i], NULL);
	close(server->fd);
	SSL_CTX_free(server->tls);
}

/* False when the test ended first. */
static bool wait_readable(struct fake_connection *connection)
{
	if (connection->ssl && SSL_pending(connection->ssl))
		return true;
	/* What is still on its way when the test ends is read, too. */
	for (int idle_ticks = 0; idle_ticks < 10;) {
		struct pollfd fd = {.fd = connection->fd, .events = POLLIN};

		if (poll(&fd, 1, TICK_MS) > 0)
			return true;
		if (connection->server->quit)
			idle_ticks++;
	}
	return false;
}

static ssize_t read_wire(struct fake_connection *connection, char *buffer, size_t max)
{
	if (!wait_readable(connection))
		return -1;
	if (connection->ssl) {
		int n = SSL_read(connection->ssl, buffer, (int)max);

		return n > 0                                                        ? n
		       : SSL_get_error(connection->ssl, n) == SSL_ERROR_ZERO_RETURN ? 0
										    : -1;
	}
	return recv(connection->fd, buffer, max, 0);
}

ssize_t fake_read(struct fake_connection *connection, char *buffer, size_t max)
{
	size_t len = connection->extra_len < max ? connection->extra_len : max;

	if (len == 0)
		return read_wire(connection, buffer, max);
	memcpy(buffer, connection->head + connection->extra_at, len);
	connection->extra_at += len;
	connection->extra_len -= len;
	return (ssize_t)len;
}

const char *fake_read_head(struct fake_connection *connection)
{
	char *end;

	memmove(connection->head, connection->head + connection->extra_at, connection->extra_len);
	connection->head_len = connection->extra_len;
	for (;;) {
		ssize_t n;

		connection->head[connection->head_len] = '\0';
		end = strstr(connection->head, "\r\n\r\n");
		if (end)
			break;
		n = read_wire(connection, connection->head + connection->head_len,
		    sizeof(connection->head) - connection->head_len - 1);
		if (n <= 0)
			return NULL;
		connection->head_len += (size_t)n;
	}
	/* The last CRLF's own LF gives way to the NUL. */
	connection->extra_at = (size_t)(end + 4 - connection->head);
	connection->extra_len = connection->head_len - connection->extra_at;
	end[3] = '\0';
	connection->server->requests++;
	return connection->head;
}

bool fake_skip(struct fake_connection *connection, size_t len)
{
	static _Thread_local char buffer[65536];

	while (len > 0) {
		ssize_t n =
		    fake_read(connection, buffer, len < sizeof(buffer) ? len : sizeof(buffer));

		if (n <= 0)
			return false;
		len -= (size_t)n;
	}
	return true;
}

bool fake_write(struct fake_connection *connection, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = connection->ssl ? SSL_write(connection->ssl, bytes, (int)len)
					    : send(connection->fd, bytes, len, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		bytes += n;
		len -= (size_t)n;
	}
	return true;
}

bool fake_say(struct fake_connection *connection, const char *text)
{
	return fake_write(connection, text, strlen(text));
}

void fake_reset(struct fake_connection *connection)
{
	struct linger linger = {.l_onoff = 1};

	setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
}

void fake_hang(struct fake_connection *connection)
{
	char octet;

	while (fake_read(connection, &octet, 1) > 0)
		;
}

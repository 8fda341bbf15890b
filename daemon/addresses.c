#include "addresses.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "configuration.h"
#include "listener.h"
#include "log.h"
#include "peer_owner.h"
#include "str.h"

/* "[::1]" of "[::1]:5100". */
static size_t host_len(const char *address)
{
	const char *colon = strrchr(address, ':');

	return colon ? (size_t)(colon - address) : strlen(address);
}

static int add_name(char **names, const char *host, size_t len, unsigned port)
{
	struct str name = {};
	size_t n = 0;

	while (names[n])
		n++;
	if (str_appendf(&name, "%.*s:%u", (int)len, host, port) < 0)
		return -ENOMEM;
	names[n] = name.data;
	return 0;
}

/* A port on all addresses, as a bare loopback one, is reached by any loopback name. */
static int add_names(struct addresses *addresses, const char *address, unsigned port)
{
	static const char *const loopback[ADDRESS_NAMES - 1] = {"localhost", "127.0.0.1", "[::1]"};
	int r;

	r = add_name(addresses->names, address, host_len(address), port);
	for (size_t i = 0; r == 0 && i < ADDRESS_NAMES - 1; i++)
		r = add_name(addresses->names, loopback[i], strlen(loopback[i]), port);
	return r;
}

/* Takes over fd. */
static int add_listener(struct addresses *addresses, int fd, const char *address, struct err *e)
{
	int port, r;

	if (addresses->len == OPTION_LIST_MAX) {
		close(fd);
		return err_set(e, -EINVAL, "more than %d addresses to listen on", OPTION_LIST_MAX);
	}
	addresses->fds[addresses->len++] = fd;
	port = listener_port(fd);
	if (port < 0)
		return err_set(e, port, "%s: its port cannot be read", address);
	if (addresses->len == 1)
		addresses->port = (unsigned)port;
	r = add_names(addresses, address, (unsigned)port);
	return r < 0 ? err_set(e, r, "out of memory") : 0;
}

static int open_listener(
    struct addresses *addresses, const char *address, bool unsafe, struct err *e)
{
	int fd, r;

	for (size_t i = 0; i < addresses->len; i++)
		if (listener_is_at(addresses->fds[i], address))
			return 0;
	r = listener_open(address, unsafe, &fd, e);
	return r < 0 ? r : add_listener(addresses, fd, address, e);
}

static int open_defaults(struct addresses *addresses, struct err *e)
{
	int r;

	r = open_listener(addresses, DEFAULT_LISTEN_IPV4, false, e);
	if (r < 0)
		return r;
	r = open_listener(addresses, DEFAULT_LISTEN_IPV6, false, e);
	/* A machine without IPv6 has no ::1 to listen on, and no client that would ask for it. */
	return r == -EADDRNOTAVAIL || r == -EAFNOSUPPORT ? 0 : r;
}

/* Takes over fd. */
static int add_admin(struct addresses *addresses, int fd, const char *address, struct err *e)
{
	int port, r;

	if (addresses->admin_fd >= 0) {
		close(fd);
		return err_set(e, -EINVAL, "two sockets are named admin: pass one");
	}
	addresses->admin_fd = fd;
	port = listener_port(fd);
	if (port < 0)
		return err_set(e, port, "%s: its port cannot be read", address);
	addresses->admin_port = (unsigned)port;
	r = add_name(addresses->admin_names, address, host_len(address), (unsigned)port);
	return r < 0 ? err_set(e, r, "out of memory") : 0;
}

static int open_admin(struct addresses *addresses, const char *address, bool unsafe, struct err *e)
{
	int fd, r;

	r = listener_open(address, unsafe, &fd, e);
	return r < 0 ? r : add_admin(addresses, fd, address, e);
}

static int adopt(
    struct addresses *addresses, const struct passed_socket *socket, bool unsafe, struct err *e)
{
	char address[ADDRESS_TEXT_SIZE];
	int r;

	if (peer_owner_ask_through(socket->fd) == 0)
		return 0;
	r = listener_adopt(socket->fd, unsafe, address, e);
	if (r < 0)
		return r;
	return socket->admin ? add_admin(addresses, socket->fd, address, e)
			     : add_listener(addresses, socket->fd, address, e);
}

int addresses_open(struct addresses *ret, const struct passed_sockets *passed,
    const struct config *config, struct err *e)
{
	const char *admin = configuration_admin(config);
	int r = 0;

	for (size_t i = 0; r == 0 && i < passed->len; i++)
		r = adopt(ret, &passed->items[i], config->unsafe_listen, e);
	if (r == 0 && !config->listen && ret->len == 0)
		r = open_defaults(ret, e);
	for (size_t i = 0; r == 0 && config->listen && config->listen[i]; i++)
		r = open_listener(ret, config->listen[i], config->unsafe_listen, e);
	if (r == 0 && admin && ret->admin_fd < 0)
		r = open_admin(ret, admin, config->unsafe_listen, e);
	return r;
}

struct gate_hosts addresses_hosts(const struct addresses *addresses)
{
	return (struct gate_hosts){
	    .names = (const char *const *)addresses->names,
	    .port = addresses->port,
	};
}

struct gate_hosts addresses_admin_hosts(const struct addresses *addresses)
{
	return (struct gate_hosts){
	    .names = (const char *const *)addresses->admin_names,
	    .port = addresses->admin_port,
	};
}

void addresses_log(const struct addresses *addresses, const char *registry)
{
	_cleanup_str_ struct str text = {};

	for (size_t i = 0; addresses->names[i]; i += ADDRESS_NAMES)
		str_appendf(&text, "%s%s", i ? ", " : "", addresses->names[i]);
	log_info("ecr-upsertd " ECR_UPSERTD_VERSION " listens on %s for %s, admin %s",
	    str_text(&text), registry,
	    addresses->admin_names[0] ? addresses->admin_names[0] : "off");
}

void addresses_finish(struct addresses *addresses)
{
	for (size_t i = 0; i < addresses->len; i++)
		close(addresses->fds[i]);
	addresses->len = 0;
	closep(&addresses->admin_fd);
	addresses->admin_fd = -1;
	for (size_t i = 0; addresses->names[i]; i++)
		free(addresses->names[i]);
	free(addresses->admin_names[0]);
	memset(addresses->names, 0, sizeof(addresses->names));
	addresses->admin_names[0] = NULL;
}

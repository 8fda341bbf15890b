#include "listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "str.h"

enum { LISTENER_BACKLOG = 512 };

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* "host:port", "[host]:port": digits only, no leading plus or space as strtoul would take. */
static int parse_port(const char *text, uint16_t *ret)
{
	unsigned long port;
	size_t len = strlen(text);

	if (len == 0 || len > 5 || strspn(text, "0123456789") != len)
		return -EINVAL;
	port = strtoul(text, NULL, 10);
	if (port > UINT16_MAX)
		return -EINVAL;
	*ret = htons((uint16_t)port);
	return 0;
}

static int parse_address(const char *text, union address *ret)
{
	bool v6 = text[0] == '[';
	const char *end = v6 ? strstr(text, "]:") : strrchr(text, ':');
	_cleanup_(freep) char *host = NULL;

	if (!end)
		return -EINVAL;
	host = str_copy(text + v6, (size_t)(end - text) - v6);
	if (!host)
		return -ENOMEM;
	*ret = (union address){.any.sa_family = v6 ? AF_INET6 : AF_INET};
	if (inet_pton(ret->any.sa_family, host,
		v6 ? (void *)&ret->v6.sin6_addr : (void *)&ret->v4.sin_addr) != 1)
		return -EINVAL;
	return parse_port(end + 1 + v6, v6 ? &ret->v6.sin6_port : &ret->v4.sin_port);
}

static bool is_loopback(const union address *a)
{
	if (a->any.sa_family == AF_INET6)
		return IN6_IS_ADDR_LOOPBACK(&a->v6.sin6_addr);
	return ntohl(a->v4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
}

static int explain(const char *address, int error, struct err *e)
{
	switch (error) {
	case EADDRINUSE:
		return err_set(e, -error,
		    "address in use: another ecr-upsertd or another program has %s; stop it or "
		    "choose another port",
		    address);
	case EADDRNOTAVAIL:
		return err_set(
		    e, -error, "%s is no address of this machine; choose one that is", address);
	case EAFNOSUPPORT:
		return err_set(e, -error, "this machine has no %s; leave out the address %s",
		    address[0] == '[' ? "IPv6" : "IPv4", address);
	case EACCES:
		return err_set(
		    e, -error, "no permission to listen on %s; choose a port above 1023", address);
	default:
		return err_set(e, -error, "cannot listen on %s: %s", address, strerror(error));
	}
}

static int bind_and_listen(int fd, const union address *a)
{
	socklen_t len = a->any.sa_family == AF_INET6 ? sizeof(a->v6) : sizeof(a->v4);
	int on = 1;

	/* Else a restart would wait for the last connections' TIME_WAIT. */
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	/* [::]:5100 and 0.0.0.0:5100 side by side. */
	if (a->any.sa_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(fd, &a->any, len) < 0 || listen(fd, LISTENER_BACKLOG) < 0)
		return -errno;
	return 0;
}

bool listener_is_address(const char *address)
{
	union address parsed;

	return parse_address(address, &parsed) == 0;
}

static int check_reach(const union address *a, bool unsafe, const char *address, struct err *e)
{
	if (unsafe || is_loopback(a))
		return 0;
	return err_set(e, -EPERM,
	    "%s is beyond loopback: whoever reaches it acts with your AWS identity; "
	    "use 127.0.0.1 or [::1], or --unsafe-listen (unsafe_listen in the "
	    "configuration) if that is what you want",
	    address);
}

static int check(const char *address, bool unsafe, union address *ret, struct err *e)
{
	int r = parse_address(address, ret);

	if (r < 0)
		return err_set(e, r,
		    "\"%s\" is no address to listen on; write it as 127.0.0.1:5100 or "
		    "[::1]:5100",
		    address);
	return check_reach(ret, unsafe, address, e);
}

int listener_check(const char *address, bool unsafe, struct err *e)
{
	union address a;

	return check(address, unsafe, &a, e);
}

int listener_open(const char *address, bool unsafe, int *ret_fd, struct err *e)
{
	_cleanup_(closep) int fd = -1;
	union address a;
	int r;

	r = check(address, unsafe, &a, e);
	if (r < 0)
		return r;
	fd = socket(a.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return explain(address, errno, e);
	r = bind_and_listen(fd, &a);
	if (r < 0)
		return explain(address, -r, e);
	*ret_fd = fd;
	fd = -1;
	return 0;
}

static int socket_option(int fd, int option)
{
	socklen_t len = sizeof(int);
	int value = -1;

	return getsockopt(fd, SOL_SOCKET, option, &value, &len) < 0 ? -1 : value;
}

/* What it is instead; NULL: what it should be. */
static const char *wrong_kind(int fd, const union address *a)
{
	if (a->any.sa_family == AF_UNIX)
		return "a Unix socket";
	if (a->any.sa_family != AF_INET && a->any.sa_family != AF_INET6)
		return "no socket of IP";
	if (socket_option(fd, SO_TYPE) != SOCK_STREAM)
		return "not a socket of TCP";
	return socket_option(fd, SO_ACCEPTCONN) == 1 ? NULL
						     : "one that does not listen (Accept=yes?)";
}

int listener_adopt(int fd, bool unsafe, char ret[static ADDRESS_TEXT_SIZE], struct err *e)
{
	char text[ADDRESS_TEXT_SIZE];
	union address a = {};
	socklen_t len = sizeof(a);
	const char *wrong;
	int r;

	if (getsockname(fd, &a.any, &len) < 0)
		return err_set(e, -EPROTOTYPE, "what was passed as descriptor %d is no socket: %s",
		    fd, strerror(errno));
	wrong = wrong_kind(fd, &a);
	if (wrong)
		return err_set(e, -EPROTOTYPE,
		    "what was passed as descriptor %d is %s; clients come to a listening TCP "
		    "socket: ListenStream=127.0.0.1:5100 of a socket unit",
		    fd, wrong);
	address_text(&a.any, len, text);
	r = check_reach(&a, unsafe, text, e);
	if (r < 0)
		return r;
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	strcpy(ret, text);
	return 0;
}

bool listener_is_at(int fd, const char *address)
{
	union address wanted, is = {};
	socklen_t len = sizeof(is);

	if (parse_address(address, &wanted) < 0 || getsockname(fd, &is.any, &len) < 0 ||
	    is.any.sa_family != wanted.any.sa_family)
		return false;
	if (is.any.sa_family == AF_INET)
		return is.v4.sin_port == wanted.v4.sin_port &&
		       is.v4.sin_addr.s_addr == wanted.v4.sin_addr.s_addr;
	return is.v6.sin6_port == wanted.v6.sin6_port &&
	       IN6_ARE_ADDR_EQUAL(&is.v6.sin6_addr, &wanted.v6.sin6_addr);
}

int listener_port(int fd)
{
	union address a;
	socklen_t len = sizeof(a);

	if (getsockname(fd, &a.any, &len) < 0)
		return -errno;
	return ntohs(a.any.sa_family == AF_INET6 ? a.v6.sin6_port : a.v4.sin_port);
}

#include "own_host.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { AUTHORITY_MAX = 262, HTTP_PORT = 80 }; /* 255 of a name, ":" and a port */

static bool is_in(const char *const *names, const char *name)
{
	for (; names && *names; names++)
		if (strcasecmp(*names, name) == 0)
			return true;
	return false;
}

static bool is_named(const struct gate_hosts *hosts, const char *name)
{
	return is_in(hosts->names, name) || is_in(hosts->more, name);
}

/* "localhost", "127.x.y.z", "[::1]" in any spelling that inet_pton() takes. */
static bool is_loopback(const char *host, size_t len)
{
	char inside[AUTHORITY_MAX + 1];
	struct in6_addr v6;
	struct in_addr v4;

	if (strcasecmp(host, "localhost") == 0)
		return true;
	if (host[0] != '[')
		return inet_pton(AF_INET, host, &v4) == 1 && (ntohl(v4.s_addr) >> 24) == 127;
	snprintf(inside, sizeof(inside), "%.*s", (int)len - 2, host + 1);
	return inet_pton(AF_INET6, inside, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

static bool is_our_port(const struct gate_hosts *hosts, const char *rest)
{
	char port[16];

	if (*rest == '\0')
		return hosts->port == HTTP_PORT;
	snprintf(port, sizeof(port), ":%u", hosts->port);
	return strcmp(rest, port) == 0;
}

bool own_host(const struct gate_hosts *hosts, const char *authority, size_t len)
{
	char host[AUTHORITY_MAX + 1];
	size_t host_len;

	if (len == 0 || len > AUTHORITY_MAX || memchr(authority, 0, len))
		return false;
	memcpy(host, authority, len);
	host[len] = '\0';
	if (is_named(hosts, host))
		return true;
	host_len = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
	if (host_len > len || !is_our_port(hosts, host + host_len))
		return false;
	host[host_len] = '\0';
	return is_named(hosts, host) || is_loopback(host, host_len);
}

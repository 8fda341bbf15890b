#include "peer.h"

#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>

void peer_name(int fd, char ret[static PEER_TEXT_SIZE])
{
	struct sockaddr_storage address = {};
	socklen_t len = sizeof(address);
	char host[PEER_TEXT_SIZE - 16], port[8];

	ret[0] = '\0';
	if (getpeername(fd, (struct sockaddr *)&address, &len) < 0 ||
	    getnameinfo((struct sockaddr *)&address, len, host, sizeof(host), port, sizeof(port),
		NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return;
	snprintf(
	    ret, PEER_TEXT_SIZE, address.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}

bool peer_has_left(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLRDHUP};

	return poll(&p, 1, 0) > 0;
}

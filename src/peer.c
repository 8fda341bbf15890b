#include "peer.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

void peer_name(int fd, char ret[static PEER_TEXT_SIZE])
{
	struct sockaddr_storage address = {};
	socklen_t len = sizeof(address);

	ret[0] = '\0';
	if (getpeername(fd, (struct sockaddr *)&address, &len) == 0)
		address_text((struct sockaddr *)&address, len, ret);
}

bool peer_has_left(int fd)
{
#ifdef POLLRDHUP
	struct pollfd p = {.fd = fd, .events = POLLRDHUP};

	return poll(&p, 1, 0) > 0;
#else
	char next;
	ssize_t n = recv(fd, &next, 1, MSG_PEEK | MSG_DONTWAIT);

	/* Behind unread octets nothing can be seen. */
	return n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
#endif
}

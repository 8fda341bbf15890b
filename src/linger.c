#include "linger.h"

#include <poll.h>
#include <sys/socket.h>

#include "clock.h"
#include "limits.h"

void linger(int fd)
{
	int64_t deadline = clock_mono_ms() + LIMIT_LINGER_MS;
	struct pollfd p = {.fd = fd, .events = POLLIN};
	char unread[8192];

	shutdown(fd, SHUT_WR);
	while (poll(&p, 1, (int)clock_left_ms(deadline)) > 0) {
		if (recv(fd, unread, sizeof(unread), MSG_DONTWAIT) <= 0 ||
		    clock_left_ms(deadline) == 0)
			return;
	}
}

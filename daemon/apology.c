#include "apology.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "farewell.h"
#include "linger.h"

enum {
	APOLOGY_MS = 5000, /* the next start is to come: who is left is told then */
	REQUEST_MS = 200,  /* a client writes at once */
};

static bool listens(int fd)
{
	int listening = 0;
	socklen_t len = sizeof(listening);

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) == 0 && listening;
}

static void tell(int fd)
{
	/* Go's client takes an answer before its request for none. */
	poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, REQUEST_MS);
	farewell_error(fd, "403 Forbidden", "DENIED",
	    "ecr-upsertd cannot start: `systemctl status ecr-upsertd` (--user, where it is yours) "
	    "says why");
	linger(fd);
	close(fd);
}

void apologize(const struct passed_sockets *passed)
{
	int64_t deadline_ms = clock_mono_ms() + APOLOGY_MS;

	for (size_t i = 0; i < passed->len; i++) {
		int at = passed->items[i].fd, fd = -1;

		if (!listens(at) || fcntl(at, F_SETFL, fcntl(at, F_GETFL) | O_NONBLOCK) < 0)
			continue;
		while (clock_left_ms(deadline_ms) > 0 &&
		       (fd = accept4(at, NULL, NULL, SOCK_CLOEXEC)) >= 0)
			tell(fd);
	}
}

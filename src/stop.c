#include "stop.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "clock.h"

int stop_init(struct stop *stop)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0)
		return -errno;
	*stop = (struct stop){.fd = fds[0], .teller_fd = fds[1]};
	return 0;
}

void stop_now(struct stop *stop)
{
	/* EAGAIN, the only failure of a pipe that has a reader, means that it is set already. */
	(void)!write(stop->teller_fd, "", 1);
}

/* Milliseconds; true when the signal came. */
static bool wait_for(const struct stop *stop, int ms)
{
	struct pollfd fd = {.fd = stop->fd, .events = POLLIN};

	return poll(&fd, 1, ms) > 0;
}

bool stop_is_set(const struct stop *stop)
{
	return wait_for(stop, 0);
}

bool stop_sleep(const struct stop *stop, int64_t ms)
{
	int64_t deadline_ms = clock_mono_ms() + ms;

	/* Again after a signal's EINTR, and for what does not fit into poll()'s int. */
	for (;;) {
		int64_t left = clock_left_ms(deadline_ms);

		if (wait_for(stop, left < 60000 ? (int)left : 60000))
			return true;
		if (clock_left_ms(deadline_ms) == 0)
			return false;
	}
}

void stop_finish(struct stop *stop)
{
	if (stop->fd < 0)
		return;
	close(stop->fd);
	close(stop->teller_fd);
	stop->fd = -1;
}

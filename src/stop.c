#include "stop.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "clock.h"

int stop_init(struct stop *stop)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	if (fd < 0)
		return -errno;
	stop->fd = fd;
	return 0;
}

void stop_now(struct stop *stop)
{
	/* EAGAIN, the only failure of a valid eventfd, means that it is set already. */
	(void)eventfd_write(stop->fd, 1);
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
	close(stop->fd);
	stop->fd = -1;
}

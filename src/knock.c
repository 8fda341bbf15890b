#include "knock.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "cleanup.h"
#include "clock.h"

static const char handshake = 0x16, wanted[] = "HTTP/";

static int wait_for(int fd, short events, int64_t deadline_ms)
{
	struct pollfd p = {.fd = fd, .events = events};
	int n;

	do
		n = poll(&p, 1, (int)clock_left_ms(deadline_ms));
	while (n < 0 && errno == EINTR);
	return n > 0 ? 0 : n < 0 ? -errno : -ETIMEDOUT;
}

static int dial(int listen_fd, int64_t deadline_ms, int *ret)
{
	_cleanup_(closep) int fd = -1;
	struct sockaddr_storage address;
	socklen_t len = sizeof(address), error_len = sizeof(int);
	int error, r;

	if (getsockname(listen_fd, (struct sockaddr *)&address, &len) < 0)
		return -errno;
	fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	/* Of a socket that listens on all addresses it is 0.0.0.0 or ::, which is this machine. */
	if (connect(fd, (struct sockaddr *)&address, len) < 0 && errno != EINPROGRESS)
		return -errno;
	r = wait_for(fd, POLLOUT, deadline_ms);
	if (r < 0)
		return r;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &error_len) < 0)
		return -errno;
	if (error)
		return -error;
	*ret = fd;
	fd = -1;
	return 0;
}

int knock(int listen_fd, int64_t deadline_ms)
{
	_cleanup_(closep) int fd = -1;
	char answer[sizeof(wanted) - 1];
	ssize_t n;
	int r;

	r = dial(listen_fd, deadline_ms, &fd);
	if (r == 0 && send(fd, &handshake, 1, MSG_NOSIGNAL) < 0)
		r = -errno;
	if (r == 0)
		r = wait_for(fd, POLLIN, deadline_ms);
	if (r < 0)
		return r;
	n = recv(fd, answer, sizeof(answer), 0);
	if (n < 0)
		return -errno;
	return n == sizeof(answer) && memcmp(answer, wanted, sizeof(answer)) == 0 ? 0 : -EPROTO;
}

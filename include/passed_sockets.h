#pragma once
/* The sockets that a service manager opened for us (sd_listen_fds(3)). */
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "err.h"

enum { PASSED_SOCKETS_MAX = 64 };

struct passed_socket {
	int fd;
	bool admin; /* FileDescriptorName=admin */
};

struct passed_sockets {
	struct passed_socket items[PASSED_SOCKETS_MAX];
	size_t len;
};

/*
 * Of LISTEN_FDS, LISTEN_PID and LISTEN_FDNAMES; none when they were meant for another process. What
 * kind of sockets they are is not looked at. −EINVAL with a text. Pure.
 */
int passed_sockets_read(
    const char *(*getenv)(const char *name), pid_t self, struct passed_sockets *ret, struct err *e);

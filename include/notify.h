#pragma once
/*
 * What a service manager is told of us: one datagram to the socket that $NOTIFY_SOCKET names
 * (sd_notify(3)), in a few lines instead of a library. Where nobody set it, nothing is sent.
 */
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>

struct notify {
	struct sockaddr_un address;
	socklen_t address_len; /* 0: nobody listens */
	int64_t watchdog_ms; /* WATCHDOG=1 at least this often, or we are ended; 0: as one likes */
};

/*
 * Of NOTIFY_SOCKET (a path, or an abstract name after '@'), WATCHDOG_USEC and WATCHDOG_PID; what
 * is no such value counts as not set. Pure.
 */
void notify_init(struct notify *ret, const char *(*getenv)(const char *name), pid_t self);

/* Assignments ("READY=1\nSTATUS=…"), without control octets in a value. 0 or −errno. */
int notify_send(const struct notify *notify, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

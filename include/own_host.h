#pragma once
/*
 * Is this authority (a Host field, the host of an absolute-form target) a name of this daemon? A
 * page whose name was rebound to 127.0.0.1 sends its own name; clients send the one they dialled.
 * Pure.
 */
#include <stdbool.h>
#include <stddef.h>

/* What of Host is ours: names (lists end with NULL) that stand alone or with the port. */
struct gate_hosts {
	const char *const *names; /* "registry.local", "registry.local:5100" for another port */
	const char *const *more;  /* the same: those of the configuration; NULL: none */
	/* Of the listener: "localhost", 127.0.0.0/8 and [::1] with it always are ours. */
	unsigned port;
};

/*
 * Loopback names must bring the port, unless it is 80, which clients leave out (RFC 9110 §7.2).
 * Names compare without case.
 */
bool own_host(const struct gate_hosts *hosts, const char *authority, size_t len);

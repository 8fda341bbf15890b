#pragma once
#include <stdint.h>

/*
 * Knocks at a door of our own, as a client would whose first octet is a TLS handshake's: the answer
 * of door.h shows that clients are let in, and takes no thread of theirs and no line of the log.
 * listen_fd: the listening socket. −ETIMEDOUT at the deadline, −EPROTO for another answer, else
 * −errno.
 */
int knock(int listen_fd, int64_t deadline_ms);

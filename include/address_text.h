#pragma once
/* A socket's address as a person writes it. */
#include <sys/socket.h>

enum { ADDRESS_TEXT_SIZE = 72 };

/* "127.0.0.1:40000", "[::1]:40000"; "" when it is none of IPv4 or IPv6. */
void address_text(
    const struct sockaddr *address, socklen_t len, char ret[static ADDRESS_TEXT_SIZE]);

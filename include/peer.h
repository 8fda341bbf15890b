#pragma once
/* Who is at the other end of a client's socket. */
#include <stdbool.h>
#include <stddef.h>

#include "address_text.h"

enum { PEER_TEXT_SIZE = ADDRESS_TEXT_SIZE };

/* "127.0.0.1:40000", "[::1]:40000"; "" when it cannot be told. */
void peer_name(int fd, char ret[static PEER_TEXT_SIZE]);

/* It has ended its side or reset the connection; octets that came before may still be unread. */
bool peer_has_left(int fd);

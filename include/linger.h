#pragma once
/*
 * A last word that arrives. Closing a socket that holds unread octets sends a RST, which overtakes
 * what was sent before it (RFC 9112 §9.6).
 */

/* Sends the FIN and reads on until the other side's, for LIMIT_LINGER_MS at most. */
void linger(int fd);

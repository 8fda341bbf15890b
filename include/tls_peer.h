#pragma once
/* Who answers at the other end of a TLS connection, and whether we trust them: a handshake alone.
 */
#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "fetch.h"
#include "registry.h"

enum { TLS_PEER_NAME_SIZE = 256 };

struct tls_peer {
	bool trusted;
	/* Of the certificate that was shown, "" when it was trusted or cannot be seen. */
	char subject[TLS_PEER_NAME_SIZE];
	char issuer[TLS_PEER_NAME_SIZE];
	char from[32], until[32]; /* its validity, as OpenSSL writes it */
};

/*
 * url: https://host[:port][/…], by the same way as fetch(), proxies included, or at another address
 * with the host's certificate (dial, else NULL); nothing is sent but the handshake. 0 and *ret;
 * with one that is not trusted e says why. Else as fetch(): nobody was seen.
 */
int tls_peer_look(const struct fetcher *fetcher, const char *url, const struct endpoint *dial,
    int64_t deadline_ms, struct tls_peer *ret, struct err *e);

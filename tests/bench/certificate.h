#pragma once
#include <openssl/ssl.h>

/*
 * A server context with a new self-signed certificate (P-256, one day) for every name the origin
 * goes by; writes the certificate to `path` for clients to trust. NULL on failure.
 */
SSL_CTX *certificate_context(const char *path);

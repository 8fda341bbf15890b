#pragma once
/* A certificate authority for one test, made on the spot; failures end the test. */
#include <openssl/ssl.h>

struct fake_pki {
	X509 *ca;
	EVP_PKEY *ca_key;
	char ca_path[64]; /* its certificate as a PEM file */
};

void fake_pki_init(struct fake_pki *pki);
/* A server's context with a certificate for dns_name that ends in `seconds` (may be negative). */
SSL_CTX *fake_pki_issue(const struct fake_pki *pki, const char *dns_name, long seconds);
void fake_pki_finish(struct fake_pki *pki);

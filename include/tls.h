#pragma once
/*
 * Trust towards ECR and AWS: one X509_STORE for all connections. Without it curl 7.88.1 parses the
 * CA bundle anew for each multi handle: 23 ms and 0.7 MiB each, measured.
 */
#include "cleanup.h"
#include "err.h"

struct tls;

/*
 * ca_bundle: a PEM file (AWS_CA_BUNDLE), or NULL for the system's. −errno with a text. The system's
 * is read for the first connection, in 15 ms: a Lambda asks for its first event before.
 */
int tls_new(const char *ca_bundle, struct tls **ret, struct err *e);

/*
 * The same with the places of the system's bundle, NULL at the end, which outlive ret: the first
 * that holds certificates counts, as a static file meets each distribution's own. SSL_CERT_FILE and
 * SSL_CERT_DIR (OpenSSL) win over them. None found is no error: what is dialled may be plain HTTP.
 */
int tls_new_among(
    const char *ca_bundle, const char *const *bundles, struct tls **ret, struct err *e);

/* For CURLOPT_SSL_CTX_FUNCTION: gives an SSL_CTX the shared store. Returns 0 or −ENOMEM. */
int tls_apply(struct tls *tls, void *ssl_ctx);

/* NULL is allowed. */
void tls_free(struct tls *tls);
DEFINE_CLEANUP(struct tls *, tls_free);

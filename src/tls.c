#include "tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct tls {
	X509_STORE *store;
	pthread_mutex_t lock;
	const char *const *bundles; /* the system's, still to be loaded */
};

static int load_bundle(X509_STORE *store, const char *path, struct err *e)
{
	if (access(path, R_OK) < 0) {
		int r = -errno;

		return err_set(e, r,
		    "cannot read the CA bundle %s: %s; set AWS_CA_BUNDLE to a PEM file", path,
		    strerror(-r));
	}
	if (X509_STORE_load_locations(store, path, NULL) != 1) {
		ERR_clear_error();
		return err_set(e, -EINVAL,
		    "the CA bundle %s holds no PEM certificate; set AWS_CA_BUNDLE to a PEM file",
		    path);
	}
	return 0;
}

/*
 * OpenSSL's own two variables and, where no bundle is found, its built-in places: a build's choice.
 * Their failures show when a server's certificate is not known.
 */
static void load_system(X509_STORE *store, const char *const *bundles)
{
	if (!getenv(X509_get_default_cert_file_env()) && !getenv(X509_get_default_cert_dir_env()))
		for (; *bundles; bundles++)
			if (load_bundle(store, *bundles, &(struct err){}) == 0)
				return;
	X509_STORE_set_default_paths(store);
	ERR_clear_error();
}

int tls_new(const char *ca_bundle, struct tls **ret, struct err *e)
{
	static const char *const bundles[] = {
	    "/etc/ssl/certs/ca-certificates.crt", /* Debian, Ubuntu, Alpine, Arch */
	    "/etc/pki/tls/certs/ca-bundle.crt",   /* Amazon Linux (Lambda), Fedora, RHEL */
	    "/etc/ssl/ca-bundle.pem",             /* openSUSE */
	    NULL,
	};

	return tls_new_among(ca_bundle, bundles, ret, e);
}

int tls_new_among(
    const char *ca_bundle, const char *const *bundles, struct tls **ret, struct err *e)
{
	_cleanup_(tls_freep) struct tls *tls = calloc(1, sizeof(*tls));
	int r;

	if (!tls)
		return err_set(e, -ENOMEM, "out of memory");
	pthread_mutex_init(&tls->lock, NULL);
	tls->store = X509_STORE_new();
	if (!tls->store)
		return err_set(e, -ENOMEM, "out of memory");
	/* As curl does: a bundle may hold just the issuer, not the root above it. */
	if (X509_STORE_set_flags(tls->store, X509_V_FLAG_PARTIAL_CHAIN) != 1)
		return err_set(e, -ENOMEM, "out of memory");
	if (!ca_bundle)
		tls->bundles = bundles;
	else if ((r = load_bundle(tls->store, ca_bundle, e)) < 0)
		return r;
	*ret = TAKE_PTR(tls);
	return 0;
}

int tls_apply(struct tls *tls, void *ssl_ctx)
{
	/* Whoever else needs it meanwhile can only wait. */
	pthread_mutex_lock(&tls->lock);
	if (tls->bundles)
		load_system(tls->store, tls->bundles);
	tls->bundles = NULL;
	pthread_mutex_unlock(&tls->lock);
	/* Takes a reference; the store locks itself. */
	SSL_CTX_set1_cert_store(ssl_ctx, tls->store);
	return 0;
}

void tls_free(struct tls *tls)
{
	if (!tls)
		return;
	X509_STORE_free(tls->store);
	pthread_mutex_destroy(&tls->lock);
	free(tls);
}

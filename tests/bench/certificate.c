#include "certificate.h"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>

enum {
	DAY_S = 24 * 60 * 60,
	READ_AHEAD = 128 * 1024,
};

/* ECR's registry and API hosts, and the address itself. */
#define NAMES                                    \
	"DNS:*.dkr.ecr.eu-west-1.amazonaws.com," \
	"DNS:api.ecr.eu-west-1.amazonaws.com,"   \
	"DNS:localhost,IP:127.0.0.1"

static int add_extension(X509 *cert, int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
	int r = extension && X509_add_ext(cert, extension, -1) ? 0 : -1;

	X509_EXTENSION_free(extension);
	return r;
}

static int fill_certificate(X509 *cert, EVP_PKEY *key)
{
	X509_NAME *name = X509_get_subject_name(cert);

	X509_set_version(cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
	X509_gmtime_adj(X509_getm_notBefore(cert), -DAY_S);
	X509_gmtime_adj(X509_getm_notAfter(cert), DAY_S);
	X509_NAME_add_entry_by_txt(
	    name, "CN", MBSTRING_ASC, (const unsigned char *)"bench origin", -1, -1, 0);
	X509_set_issuer_name(cert, name);
	X509_set_pubkey(cert, key);
	if (add_extension(cert, NID_basic_constraints, "critical,CA:TRUE") < 0 ||
	    add_extension(cert, NID_subject_alt_name, NAMES) < 0)
		return -1;
	return X509_sign(cert, key, EVP_sha256()) ? 0 : -1;
}

static int write_certificate(X509 *cert, const char *path)
{
	FILE *file = fopen(path, "we");
	int ok;

	if (!file)
		return -1;
	ok = PEM_write_X509(file, cert);
	return fclose(file) == 0 && ok ? 0 : -1;
}

/* NULL where it fails. OpenSSL 3's EVP_EC_gen() is too new. */
static EVP_PKEY *new_key(void)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, NULL);
	EVP_PKEY *key = NULL;

	if (context && EVP_PKEY_keygen_init(context) > 0 &&
	    EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1) > 0)
		EVP_PKEY_keygen(context, &key);
	EVP_PKEY_CTX_free(context);
	return key;
}

static void configure(SSL_CTX *tls)
{
	SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION);
	SSL_CTX_set_cipher_list(tls, "ECDHE+AESGCM");
	/* What AWS's own endpoints choose. */
	SSL_CTX_set_ciphersuites(tls, "TLS_AES_128_GCM_SHA256");
	SSL_CTX_set_read_ahead(tls, 1);
	SSL_CTX_set_default_read_buffer_len(tls, READ_AHEAD);
	SSL_CTX_set_mode(tls, SSL_MODE_AUTO_RETRY);
}

SSL_CTX *certificate_context(const char *path)
{
	SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
	EVP_PKEY *key = new_key();
	X509 *cert = X509_new();
	int failed = !tls || !key || !cert || fill_certificate(cert, key) < 0 ||
		     write_certificate(cert, path) < 0 || SSL_CTX_use_certificate(tls, cert) != 1 ||
		     SSL_CTX_use_PrivateKey(tls, key) != 1;

	X509_free(cert);
	EVP_PKEY_free(key);
	if (failed) {
		SSL_CTX_free(tls);
		return NULL;
	}
	configure(tls);
	return tls;
}

#include "fake_pki.h"

#include <check.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { DAY_S = 24 * 3600 };

static EVP_PKEY *new_key(void)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, NULL);
	EVP_PKEY *key = NULL;

	ck_assert(EVP_PKEY_keygen_init(context) > 0);
	ck_assert(EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1) > 0);
	ck_assert(EVP_PKEY_keygen(context, &key) > 0);
	EVP_PKEY_CTX_free(context);
	return key;
}

static void add_extension(X509 *certificate, int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	ck_assert_ptr_nonnull(extension);
	ck_assert(X509_add_ext(certificate, extension, -1));
	X509_EXTENSION_free(extension);
}

static X509 *new_certificate(const char *name, EVP_PKEY *key, long seconds)
{
	static long serial = 1;
	X509 *certificate = X509_new();
	X509_NAME *subject = X509_get_subject_name(certificate);

	ck_assert(X509_set_version(certificate, 2));
	ck_assert(ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++));
	ck_assert(X509_NAME_add_entry_by_txt(
	    subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0));
	X509_gmtime_adj(X509_getm_notBefore(certificate), -2 * DAY_S);
	X509_gmtime_adj(X509_getm_notAfter(certificate), seconds);
	ck_assert(X509_set_pubkey(certificate, key));
	return certificate;
}

void fake_pki_init(struct fake_pki *pki)
{
	char name[64];
	FILE *file;
	int fd;

	pki->ca_key = new_key();
	/* Two of one name would look like one whose key is wrong. */
	snprintf(name, sizeof(name), "fake authority %p", (void *)pki);
	pki->ca = new_certificate(name, pki->ca_key, DAY_S);
	ck_assert(X509_set_issuer_name(pki->ca, X509_get_subject_name(pki->ca)));
	add_extension(pki->ca, NID_basic_constraints, "critical,CA:TRUE");
	add_extension(pki->ca, NID_key_usage, "critical,keyCertSign");
	ck_assert(X509_sign(pki->ca, pki->ca_key, EVP_sha256()));
	snprintf(pki->ca_path, sizeof(pki->ca_path), "/tmp/fake-pki-XXXXXX");
	fd = mkstemp(pki->ca_path);
	ck_assert_int_ge(fd, 0);
	file = fdopen(fd, "w");
	ck_assert(PEM_write_X509(file, pki->ca));
	fclose(file);
}

SSL_CTX *fake_pki_issue(const struct fake_pki *pki, const char *dns_name, long seconds)
{
	EVP_PKEY *key = new_key();
	X509 *certificate = new_certificate(dns_name, key, seconds);
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());
	char alt[256];

	snprintf(alt, sizeof(alt), "DNS:%s", dns_name);
	add_extension(certificate, NID_subject_alt_name, alt);
	ck_assert(X509_set_issuer_name(certificate, X509_get_subject_name(pki->ca)));
	ck_assert(X509_sign(certificate, pki->ca_key, EVP_sha256()));
	ck_assert_ptr_nonnull(context);
	ck_assert(SSL_CTX_use_certificate(context, certificate));
	ck_assert(SSL_CTX_use_PrivateKey(context, key));
	X509_free(certificate);
	EVP_PKEY_free(key);
	return context;
}

void fake_pki_finish(struct fake_pki *pki)
{
	unlink(pki->ca_path);
	X509_free(pki->ca);
	EVP_PKEY_free(pki->ca_key);
}

#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fake_pki.h"
#include "tls.h"

START_TEST(gives_a_context_the_shared_store)
{
	_cleanup_(tls_freep) struct tls *tls = NULL;
	SSL_CTX *one = SSL_CTX_new(TLS_client_method()), *two = SSL_CTX_new(TLS_client_method());
	struct fake_pki pki;
	struct err e = {};

	fake_pki_init(&pki);
	ck_assert_int_eq(tls_new(pki.ca_path, &tls, &e), 0);
	ck_assert_int_eq(tls_apply(tls, one), 0);
	ck_assert_int_eq(tls_apply(tls, two), 0);
	ck_assert_ptr_eq(SSL_CTX_get_cert_store(one), SSL_CTX_get_cert_store(two));
	ck_assert_int_eq(
	    sk_X509_OBJECT_num(X509_STORE_get0_objects(SSL_CTX_get_cert_store(one))), 1);
	SSL_CTX_free(one);
	SSL_CTX_free(two);
	fake_pki_finish(&pki);
}
END_TEST

/* How many certificates a connection knows. */
static int known(struct tls *tls)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	int found;

	ck_assert_int_eq(tls_apply(tls, context), 0);
	found = sk_X509_OBJECT_num(X509_STORE_get0_objects(SSL_CTX_get_cert_store(context)));
	SSL_CTX_free(context);
	return found;
}

/* With these places of the system's bundle. */
static int found_among(const char *const *bundles)
{
	_cleanup_(tls_freep) struct tls *tls = NULL;
	struct err e = {};

	ck_assert_int_eq(tls_new_among(NULL, bundles, &tls, &e), 0);
	ck_assert_int_eq(known(tls), known(tls));
	return known(tls);
}

START_TEST(takes_the_systems_bundle_by_default)
{
	_cleanup_(tls_freep) struct tls *tls = NULL;
	struct err e = {};

	ck_assert_int_eq(tls_new(NULL, &tls, &e), 0);
	/* A system may have none; Debian's has some 140. */
	if (access("/etc/ssl/certs/ca-certificates.crt", R_OK) == 0)
		ck_assert_int_gt(known(tls), 10);
}
END_TEST

START_TEST(takes_the_first_bundle_with_certificates)
{
	struct fake_pki pki, other;

	fake_pki_init(&pki);
	fake_pki_init(&other);
	unsetenv("SSL_CERT_FILE");
	unsetenv("SSL_CERT_DIR");
	ck_assert_int_eq(found_among((const char *[]){
			     "/nonexistent/ca.pem", "/dev/null", pki.ca_path, other.ca_path, NULL}),
	    1);
	setenv("SSL_CERT_DIR", "/nonexistent", 1);
	setenv("SSL_CERT_FILE", "/nonexistent/ca.pem", 1);
	ck_assert_int_eq(found_among((const char *[]){pki.ca_path, NULL}), 0);
	setenv("SSL_CERT_FILE", other.ca_path, 1);
	ck_assert_int_eq(found_among((const char *[]){NULL}), 1);
	fake_pki_finish(&pki);
	fake_pki_finish(&other);
}
END_TEST

START_TEST(names_a_bundle_that_is_missing)
{
	struct tls *tls = NULL;
	struct err e = {};

	ck_assert_int_eq(tls_new("/nonexistent/ca.pem", &tls, &e), -ENOENT);
	ck_assert_ptr_null(tls);
	ck_assert_str_eq(e.text,
	    "cannot read the CA bundle /nonexistent/ca.pem: No such file or directory; set "
	    "AWS_CA_BUNDLE to a PEM file");
}
END_TEST

START_TEST(refuses_what_is_no_certificate)
{
	struct tls *tls = NULL;
	struct err e = {};

	ck_assert_int_eq(tls_new("/dev/null", &tls, &e), -EINVAL);
	ck_assert_ptr_nonnull(strstr(e.text, "/dev/null holds no PEM certificate"));
	ck_assert_int_eq(tls_new("/tmp", &tls, &e), -EINVAL);
	ck_assert_ptr_null(tls);
	tls_free(NULL);
}
END_TEST

UNIT(tls, gives_a_context_the_shared_store, takes_the_systems_bundle_by_default,
    takes_the_first_bundle_with_certificates, names_a_bundle_that_is_missing,
    refuses_what_is_no_certificate);

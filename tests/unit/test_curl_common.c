#include "unit.h"

#include <string.h>

#include "curl_common.h"
#include "str.h"

START_TEST(fields_keep_order_and_emptiness)
{
	_cleanup_(curl_fields_freep) struct curl_slist *fields = NULL;

	ck_assert_int_eq(curl_fields_add(&fields, "A", "1; x:y"), 0);
	ck_assert_int_eq(curl_fields_add(&fields, "B", ""), 0);
	ck_assert_int_eq(curl_fields_add(&fields, "A", "2"), 0);
	ck_assert_str_eq(fields->data, "A: 1; x:y");
	ck_assert_str_eq(fields->next->data, "B;");
	ck_assert_str_eq(fields->next->next->data, "A: 2");
	ck_assert_ptr_null(fields->next->next->next);
}
END_TEST

START_TEST(knows_this_machine)
{
	ck_assert(curl_host_is_loopback("localhost"));
	ck_assert(curl_host_is_loopback("127.0.0.1"));
	ck_assert(curl_host_is_loopback("127.8.8.8"));
	ck_assert(curl_host_is_loopback("::1"));
	ck_assert(!curl_host_is_loopback("127.0.0.1.example.com"));
	ck_assert(!curl_host_is_loopback("localhost.example.com"));
	ck_assert(!curl_host_is_loopback("10.0.0.1"));
}
END_TEST

static void check_remedy(CURLcode code, const char *detail, const char *remedy)
{
	struct err e = {};

	curl_explain(&e, code, "host", detail);
	if (strncmp(e.text, "host: ", 6) != 0 || !strstr(e.text, remedy))
		ck_abort_msg("%s", e.text);
}

START_TEST(every_error_has_a_remedy)
{
	_cleanup_str_ struct str own_text = {};

	/* 7.88.1 says "Couldn't", 8.14.1 "Could not". */
	str_appendf(&own_text, "%s; check DNS", curl_easy_strerror(CURLE_COULDNT_RESOLVE_HOST));
	check_remedy(CURLE_COULDNT_RESOLVE_HOST, "", own_text.data);
	check_remedy(CURLE_COULDNT_RESOLVE_PROXY, "no p", "no p; check HTTPS_PROXY");
	check_remedy(CURLE_COULDNT_CONNECT, "refused", "HTTPS_PROXY");
	check_remedy(CURLE_SSL_CONNECT_ERROR, "wrong version", "TLS 1.2");
	check_remedy(CURLE_PEER_FAILED_VERIFICATION, "certificate has expired", "clock");
	check_remedy(CURLE_PEER_FAILED_VERIFICATION, "no subject name matches", "endpoint");
	check_remedy(CURLE_PEER_FAILED_VERIFICATION, "self-signed", "AWS_CA_BUNDLE");
	check_remedy(CURLE_RECV_ERROR, "reset", "reset; try again later");
}
END_TEST

START_TEST(no_error_has_the_proxys_password)
{
	struct err e = {};

	curl_explain(&e, CURLE_COULDNT_RESOLVE_PROXY, "host",
	    "Unsupported proxy syntax in 'http://me:pass/word@proxy:3128'");
	ck_assert_ptr_null(strstr(e.text, "pass/word"));
	ck_assert_ptr_nonnull(strstr(e.text, "check HTTPS_PROXY"));
	curl_explain(
	    &e, CURLE_COULDNT_CONNECT, "host", "Unsupported proxy scheme for 'x://me:pw@p'");
	ck_assert_ptr_null(strstr(e.text, "pw"));
}
END_TEST

UNIT(curl_common, fields_keep_order_and_emptiness, knows_this_machine, every_error_has_a_remedy,
    no_error_has_the_proxys_password);

#include "unit.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "gate.h"
#include "str.h"

static const char *const names[] = {"registry.local", NULL};
static const struct gate_hosts hosts = {.names = names, .port = 5100};

/* A head as libmicrohttpd 0.9.75 reads it: names up to the colon, spaces and all; values without
   their leading space. */
static void read_fields(char *text, struct headers *ret)
{
	char *rest = text, *line;

	while ((line = strsep(&rest, "\n")) && *line) {
		char *colon = strchr(line, ':');

		ck_assert_ptr_nonnull(colon);
		ck_assert_int_eq(
		    headers_add_n(ret, line, colon - line, colon + 1 + strspn(colon + 1, " \t"),
			strlen(colon + 1 + strspn(colon + 1, " \t"))),
		    0);
	}
}

/* 0 or the status of the refusal. */
static unsigned check(const char *head, bool plain_head, struct gate_pass *ret)
{
	_cleanup_(freep) char *copy = strdup(head);
	_cleanup_headers_ struct headers headers = {};
	struct gate_request request = {.headers = &headers, .plain_head = plain_head};
	struct oci_error refusal = {};
	char *rest = copy, *line = strsep(&rest, "\n");
	int r;

	request.method = strsep(&line, " ");
	request.target = line;
	request.version = strrchr(line, ' ') + 1;
	*strrchr(line, ' ') = '\0';
	read_fields(rest, &headers);
	r = gate_check(&request, &hosts, ret, &refusal);
	ck_assert_int_eq(r, refusal.status ? -EPERM : 0);
	ck_assert(!refusal.status == !refusal.code);
	return refusal.status;
}

struct good {
	const char *head;
	const char *target;
	int64_t body_length;
};

#define HOST "Host: localhost:5100\n"

static const struct good good[] = {
    {"GET /v2/ HTTP/1.1\n" HOST, "/v2/", 0},
    {"GET /v2/ HTTP/1.1\nhOST: 127.0.0.1:5100\n", "/v2/", 0},
    {"GET /v2/ HTTP/1.1\nHost: registry.local\n", "/v2/", 0},
    {"GET /v2/ HTTP/1.0\n", "/v2/", 0},
    {"GET / HTTP/1.0\n" HOST, "/", 0},
    {"HEAD /v2/a/manifests/1 HTTP/1.1\n" HOST, "/v2/a/manifests/1", 0},
    {"DELETE /v2/a/manifests/1 HTTP/1.1\nContent-Length: 0\n" HOST, "/v2/a/manifests/1", 0},
    {"POST /v2/a/blobs/uploads/?mount=sha256:1&from=b HTTP/1.1\nContent-Length: 0\n" HOST,
	"/v2/a/blobs/uploads/?mount=sha256:1&from=b", 0},
    {"POST /v2/a/blobs/uploads/ HTTP/1.1\n" HOST, "/v2/a/blobs/uploads/", 0},
    {"PATCH /v2/a/blobs/uploads/u HTTP/1.1\nTransfer-Encoding: chunked\n" HOST,
	"/v2/a/blobs/uploads/u", -1},
    {"PATCH /v2/a/blobs/uploads/u HTTP/1.1\nTRANSFER-ENCODING: Chunked\n" HOST,
	"/v2/a/blobs/uploads/u", -1},
    {"PUT /v2/a/manifests/1 HTTP/1.1\nContent-Length: 9223372036854775807\n" HOST,
	"/v2/a/manifests/1", INT64_MAX},
    {"PUT /v2/a/manifests/1 HTTP/1.0\nContent-Length: 12\n", "/v2/a/manifests/1", 12},
    {"PUT /v2/a/blobs/uploads/u?digest=sha256:1 HTTP/1.1\nExpect: 100-Continue\n"
     "Content-Length: 1\n" HOST,
	"/v2/a/blobs/uploads/u?digest=sha256:1", 1},
    {"GET /v2/ HTTP/1.1\nSec-Fetch-Site: none\n" HOST, "/v2/", 0},
    {"GET /v2/ HTTP/1.1\nSec-Fetch-Site: same-origin\n" HOST, "/v2/", 0},
    {"GET /v2/ HTTP/1.1\nX-A: tab\there, \xff 8-bit\nX-Empty:\n" HOST, "/v2/", 0},
    {"GET http://localhost:5100/v2/?x=y HTTP/1.1\n" HOST, "/v2/?x=y", 0},
    {"GET HTTP://[::1]:5100/v2/ HTTP/1.1\n" HOST, "/v2/", 0},
    {"GET http://registry.local HTTP/1.1\n" HOST, "/", 0},
};

START_TEST(lets_registry_requests_pass)
{
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		struct gate_pass pass = {};

		ck_assert_msg(check(good[i].head, true, &pass) == 0, "%s", good[i].head);
		ck_assert_str_eq(pass.target, good[i].target);
		ck_assert_int_eq(pass.body_length, good[i].body_length);
		free(pass.target);
	}
}
END_TEST

struct bad {
	const char *head;
	unsigned status;
};

#define PUT "PUT /v2/a/manifests/1 HTTP/1.1\n" HOST
#define GET "GET /v2/ HTTP/1.1\n" HOST

static const struct bad bad[] = {
    /* request line */
    {"OPTIONS /v2/ HTTP/1.1\n" HOST, 405},
    {"TRACE /v2/ HTTP/1.1\n" HOST, 405},
    {"CONNECT localhost:5100 HTTP/1.1\n" HOST, 405},
    {"get /v2/ HTTP/1.1\n" HOST, 405},
    {"GETX /v2/ HTTP/1.1\n" HOST, 405},
    {"G(T /v2/ HTTP/1.1\n" HOST, 400},
    {" /v2/ HTTP/1.1\n" HOST, 400},
    {"GET /v2/ HTTP/1.2\n" HOST, 400},
    {"GET /v2/ HTTP/2.0\n" HOST, 400},
    {"GET /v2/ HTTP/0.9\n" HOST, 400},
    {"GET /v2/ http/1.1\n" HOST, 400},
    {"GET /v2/ HTTP/1.10\n" HOST, 400},
    {"GET * HTTP/1.1\n" HOST, 400},
    {"GET localhost:5100 HTTP/1.1\n" HOST, 400},
    {"GET v2/ HTTP/1.1\n" HOST, 400},
    {"GET  HTTP/1.1\n" HOST, 400},
    {"GET //evil.example/v2/ HTTP/1.1\n" HOST, 400},
    {"GET /v2/../x HTTP/1.1\n" HOST, 400},
    {"GET /v2/%2e%2e/x HTTP/1.1\n" HOST, 400},
    {"GET /v2/a%2fb/manifests/1 HTTP/1.1\n" HOST, 400},
    {"GET /v2/ x HTTP/1.1\n" HOST, 400},
    {"GET /v2/\xff HTTP/1.1\n" HOST, 400},
    {"GET /v2/#x HTTP/1.1\n" HOST, 400},
    {"GET http://evil.example/v2/ HTTP/1.1\n" HOST, 403},
    {"GET http://evil.example:5100/v2/ HTTP/1.1\n" HOST, 403},
    {"GET http://localhost/v2/ HTTP/1.1\n" HOST, 403},
    {"GET http://u@localhost:5100/v2/ HTTP/1.1\n" HOST, 403},
    {"GET http:///v2/ HTTP/1.1\n" HOST, 403},
    {"GET http://localhost:5100?x HTTP/1.1\n" HOST, 400},
    {"GET http://localhost:5100#x HTTP/1.1\n" HOST, 400},
    {"GET http://localhost:5100//x HTTP/1.1\n" HOST, 400},
    {"GET https://localhost:5100/v2/ HTTP/1.1\n" HOST, 400},
    {"GET http://localhost:5100/v2/ HTTP/1.1\n", 400},
    {"GET http://localhost:5100/v2/ HTTP/1.1\nHost: evil.example\n", 403},
    /* Host */
    {"GET /v2/ HTTP/1.1\n", 400},
    {"GET /v2/ HTTP/1.1\nHost: localhost:5100\nHost: localhost:5100\n", 400},
    {"GET /v2/ HTTP/1.0\nHost: localhost:5100\nHost: evil.example\n", 400},
    {"GET /v2/ HTTP/1.1\nHost:\n", 403},
    {"GET /v2/ HTTP/1.1\nHost: evil.example\n", 403},
    {"GET /v2/ HTTP/1.1\nHost: evil.example:5100\n", 403},
    {"GET /v2/ HTTP/1.0\nHost: evil.example\n", 403},
    {"GET /v2/ HTTP/1.1\nHost: localhost\n", 403},
    {"GET /v2/ HTTP/1.1\nHost: localhost:5100, localhost:5100\n", 403},
    {"GET /v2/ HTTP/1.1\nHost: 123456789012.dkr.ecr.eu-west-1.amazonaws.com\n", 403},
    /* fields */
    {"GET /v2/ HTTP/1.0\nX-A : b\n", 400},
    {"PUT /v2/a/manifests/1 HTTP/1.0\nExpect: x\n", 417},
    {GET "X-A : b\n", 400},
    {GET "X-A\t: b\n", 400},
    {GET " X-A: b\n", 400},
    {GET ": b\n", 400},
    {GET "X A: b\n", 400},
    {GET "X\x01: b\n", 400},
    {GET "X\xc3\xa9: b\n", 400},
    {GET "X@: b\n", 400},
    {GET "X-A: b\rX-B: c\n", 400},
    {GET "X-A: \x01\n", 400},
    {GET "X-A: \x7f\n", 400},
    {GET "X-A: \x0b\n", 400},
    {PUT "Transfer-Encoding : chunked\n", 400},
    {PUT "Content-Length : 1\n", 400},
    /* framing */
    {PUT "Content-Length: 1\nContent-Length: 1\n", 400},
    {PUT "Content-Length: 1\ncontent-length: 2\n", 400},
    {PUT "Content-Length: 1, 1\n", 400},
    {PUT "Content-Length: 1,2\n", 400},
    {PUT "Content-Length: +1\n", 400},
    {PUT "Content-Length: -1\n", 400},
    {PUT "Content-Length: 1 \n", 400},
    {PUT "Content-Length: 0x1\n", 400},
    {PUT "Content-Length:\n", 400},
    {PUT "Content-Length: 9223372036854775808\n", 400},
    {PUT "Content-Length: 18446744073709551617\n", 400},
    {PUT "Content-Length: 1\nTransfer-Encoding: chunked\n", 400},
    {PUT "Transfer-Encoding: chunked\nContent-Length: 0\n", 400},
    {PUT "Transfer-Encoding: chunked\nTransfer-Encoding: chunked\n", 400},
    {PUT "Transfer-Encoding: gzip\nTransfer-Encoding: chunked\n", 400},
    {PUT "Transfer-Encoding: identity\nContent-Length: 1\n", 400},
    {PUT "Transfer-Encoding: gzip, chunked\n", 501},
    {PUT "Transfer-Encoding: chunked, identity\n", 501},
    {PUT "Transfer-Encoding: identity\n", 501},
    {PUT "Transfer-Encoding: xchunked\n", 501},
    {PUT "Transfer-Encoding: chunked \n", 501},
    {PUT "Transfer-Encoding: chunked;a=b\n", 501},
    {PUT "Transfer-Encoding: \"chunked\"\n", 501},
    {PUT "Transfer-Encoding:\n", 501},
    {"PUT /v2/a/manifests/1 HTTP/1.0\nTransfer-Encoding: chunked\n", 400},
    {GET "Content-Length: 1\n", 400},
    {GET "Transfer-Encoding: chunked\n", 400},
    {"HEAD /v2/ HTTP/1.1\nContent-Length: 5\n" HOST, 400},
    {"DELETE /v2/a/manifests/1 HTTP/1.1\nContent-Length: 5\n" HOST, 400},
    /* a browser's */
    {GET "Origin: http://evil.example\n", 403},
    {GET "Origin: null\n", 403},
    {GET "Origin: http://localhost:5100\n", 403},
    {GET "Sec-Fetch-Site: cross-site\n", 403},
    {GET "sec-fetch-site: same-site\n", 403},
    {GET "Sec-Fetch-Site: None\n", 403},
    {GET "Sec-Fetch-Site: none\nSec-Fetch-Site: cross-site\n", 403},
    /* Expect */
    {PUT "Expect: 200-ok\n", 417},
    {PUT "Expect: 100-continue, x\n", 417},
    {PUT "Expect: 100-continue\nExpect: x\n", 417},
};

START_TEST(refuses_two_readings)
{
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct gate_pass pass = {.body_length = 7};
		unsigned status = check(bad[i].head, true, &pass);

		ck_assert_msg(status == bad[i].status, "%s%u", bad[i].head, status);
		ck_assert_ptr_null(pass.target);
		ck_assert_int_eq(pass.body_length, 7);
	}
}
END_TEST

START_TEST(refuses_what_the_server_hides)
{
	struct gate_pass pass = {};

	ck_assert_uint_eq(check(good[0].head, false, &pass), 400);
}
END_TEST

static unsigned check_length(size_t length)
{
	_cleanup_str_ struct str head = {};
	struct gate_pass pass = {};
	unsigned status;

	ck_assert_int_eq(str_append_text(&head, "GET /"), 0);
	for (size_t i = 1; i < length; i++)
		ck_assert_int_eq(str_append_text(&head, "a"), 0);
	ck_assert_int_eq(str_append_text(&head, " HTTP/1.0\n"), 0);
	status = check(head.data, true, &pass);
	free(pass.target);
	return status;
}

START_TEST(the_target_is_bounded)
{
	ck_assert_uint_eq(check_length(8192), 0);
	ck_assert_uint_eq(check_length(8193), 414);
}
END_TEST

UNIT(gate, lets_registry_requests_pass, refuses_two_readings, refuses_what_the_server_hides,
    the_target_is_bounded);

#include "unit.h"

#include <string.h>

#include "respond.h"

#define HOST "123456789012.dkr.ecr.eu-west-1.amazonaws.com"

static struct registry registry = {
    .host = (char *)HOST, .dial = {.host = (char *)HOST, .port = 443}};
static struct route route = {.registry = &registry, .repository = (char *)"app"};

static void answer_to(const char *const *lines, struct http_answer *ret)
{
	struct response_head head = {};
	struct err e;

	for (; *lines; lines++)
		ck_assert_int_eq(response_head_line(&head, *lines, strlen(*lines), &e), 0);
	ck_assert_int_eq(respond_upstream(&route, &head, ret), 0);
	response_head_finish(&head);
}

static void finish(struct http_answer *answer)
{
	headers_finish(&answer->headers);
	str_finish(&answer->body);
}

START_TEST(fields_pass_in_order_but_the_hops_own)
{
	static const char *const lines[] = {"HTTP/1.1 201 Created\r\n", "X-B: 2\r\n",
	    "Connection: keep-alive\r\n", "Content-Length: 0\r\n", "x-a: 1\r\n", "X-B: 3\r\n",
	    "\r\n", NULL};
	struct http_answer answer = {};

	answer_to(lines, &answer);
	ck_assert_uint_eq(answer.status, 201);
	ck_assert_uint_eq(answer.headers.len, 3);
	ck_assert_str_eq(answer.headers.items[0].value, "2");
	ck_assert_str_eq(answer.headers.items[1].name, "x-a");
	ck_assert_str_eq(answer.headers.items[2].value, "3");
	finish(&answer);
}
END_TEST

START_TEST(location_and_link_are_the_clients_own)
{
	static const char *const lines[] = {"HTTP/1.1 202 Accepted\r\n",
	    "location: https://" HOST "/v2/app/blobs/uploads/1\r\n",
	    "Link: <https://" HOST "/v2/app/tags/list?last=x>; rel=\"next\"\r\n", "\r\n", NULL};
	struct http_answer answer = {};

	answer_to(lines, &answer);
	ck_assert_str_eq(headers_get(&answer.headers, "Location"), "/v2/app/blobs/uploads/1");
	ck_assert_str_eq(
	    headers_get(&answer.headers, "Link"), "</v2/app/tags/list?last=x>; rel=\"next\"");
	finish(&answer);
}
END_TEST

START_TEST(a_challenge_never_passes)
{
	static const char *const lines[] = {"HTTP/1.1 401 Unauthorized\r\n",
	    "Www-Authenticate: Basic realm=\"x\"\r\n", "\r\n", NULL};
	struct http_answer answer = {};

	answer_to(lines, &answer);
	ck_assert_uint_eq(answer.headers.len, 0);
	finish(&answer);
}
END_TEST

START_TEST(a_refusal_is_json)
{
	struct http_answer answer = {};
	struct oci_error refusal;

	oci_error_set(&refusal, 403, "DENIED", "no");
	ck_assert_int_eq(respond_refusal(&refusal, "POST", OPERATION_UPLOAD_START, &answer), 0);
	ck_assert_uint_eq(answer.status, 403);
	ck_assert_str_eq(headers_get(&answer.headers, "Content-Type"), "application/json");
	ck_assert_str_eq(
	    str_text(&answer.body), "{\"errors\":[{\"code\":\"DENIED\",\"message\":\"no\"}]}\n");
	ck_assert_ptr_null(headers_get(&answer.headers, "Warning"));
	finish(&answer);
}
END_TEST

START_TEST(a_refused_head_has_only_the_length)
{
	struct http_answer answer = {};
	struct oci_error refusal;

	oci_error_set(&refusal, 403, "DENIED", "no");
	ck_assert_int_eq(respond_refusal(&refusal, "HEAD", OPERATION_MANIFEST, &answer), 0);
	ck_assert_uint_eq(answer.body.len, 0);
	ck_assert_int_eq(answer.length, 46);
	ck_assert_uint_eq(answer.status, 403);
	ck_assert_str_eq(headers_get(&answer.headers, "Warning"), "299 - \"no\"");
	finish(&answer);
}
END_TEST

START_TEST(a_refused_head_of_a_blob_lets_the_client_go_on)
{
	struct http_answer answer = {};
	struct oci_error refusal;

	oci_error_set(&refusal, 403, "DENIED", "no");
	ck_assert_int_eq(respond_refusal(&refusal, "HEAD", OPERATION_BLOB, &answer), 0);
	ck_assert_uint_eq(answer.status, 404);
	finish(&answer);
	answer = (struct http_answer){};
	oci_error_set(&refusal, 504, "UNAVAILABLE", "later");
	ck_assert_int_eq(respond_refusal(&refusal, "HEAD", OPERATION_BLOB, &answer), 0);
	ck_assert_uint_eq(answer.status, 504);
	finish(&answer);
	answer = (struct http_answer){};
	oci_error_set(&refusal, 403, "DENIED", "no");
	ck_assert_int_eq(respond_refusal(&refusal, "GET", OPERATION_BLOB, &answer), 0);
	ck_assert_uint_eq(answer.status, 403);
	finish(&answer);
}
END_TEST

START_TEST(what_is_tried_again_is_a_notice_too)
{
	struct http_answer answer = {};
	struct oci_error refusal;

	oci_error_set(&refusal, 504, "UNAVAILABLE", "later");
	ck_assert_int_eq(respond_refusal(&refusal, "POST", OPERATION_UPLOAD_START, &answer), 0);
	ck_assert_str_eq(headers_get(&answer.headers, "Warning"), "299 - \"later\"");
	finish(&answer);
}
END_TEST

START_TEST(the_version_check_has_no_challenge)
{
	struct http_answer answer = {};

	ck_assert_int_eq(respond_ping(&answer), 0);
	ck_assert_uint_eq(answer.status, 200);
	ck_assert_str_eq(
	    headers_get(&answer.headers, "Docker-Distribution-Api-Version"), "registry/2.0");
	ck_assert_ptr_null(headers_get(&answer.headers, "WWW-Authenticate"));
	finish(&answer);
}
END_TEST

START_TEST(a_notice_is_a_warning)
{
	struct http_answer answer = {.status = 202};

	ck_assert_int_eq(respond_notice(&(struct notice){"ecr-upsertd created it"}, &answer), 0);
	ck_assert_str_eq(
	    headers_get(&answer.headers, "Warning"), "299 - \"ecr-upsertd created it\"");
	finish(&answer);
}
END_TEST

UNIT(respond, fields_pass_in_order_but_the_hops_own, location_and_link_are_the_clients_own,
    a_challenge_never_passes, a_refusal_is_json, a_refused_head_has_only_the_length,
    a_refused_head_of_a_blob_lets_the_client_go_on, what_is_tried_again_is_a_notice_too,
    the_version_check_has_no_challenge, a_notice_is_a_warning);

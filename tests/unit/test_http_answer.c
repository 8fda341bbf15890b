#include "http_fixture.h"

#define CLOSE " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

static size_t body_len(const char *answer)
{
	return strlen(strstr(answer, "\r\n\r\n") + 4);
}

START_TEST(a_pulled_body_of_known_length)
{
	_cleanup_(http_server_stopp) struct http_server *server = server_of(10, 30);
	_cleanup_(freep) char *answer = ask(server, "GET /pull/1000000" CLOSE);

	ck_assert(begins(answer, "HTTP/1.1 200 OK\r\n"));
	ck_assert_ptr_nonnull(strstr(answer, "Content-Length: 1000000\r\n"));
	ck_assert_uint_eq(body_len(answer), 1000000);
	await(atomic_load(&seen.dones) == 1);
	ck_assert_int_eq(seen.how, HTTP_END_SENT);
}
END_TEST

START_TEST(a_pulled_body_of_unknown_length_is_chunked)
{
	_cleanup_(http_server_stopp) struct http_server *server = server_of(10, 30);
	_cleanup_(freep) char *answer = ask(server, "GET /chunk/100000" CLOSE);

	ck_assert_ptr_nonnull(strstr(answer, "Transfer-Encoding: chunked\r\n"));
	ck_assert_ptr_null(strstr(answer, "Content-Length"));
	ck_assert_ptr_nonnull(strstr(answer, "\r\n0\r\n\r\n"));
	ck_assert_uint_eq(count_of(strstr(answer, "\r\n\r\n"), "p"), 100000);
}
END_TEST

START_TEST(http10_reads_to_the_end_of_the_connection)
{
	_cleanup_(http_server_stopp) struct http_server *server = server_of(10, 30);
	_cleanup_(freep) char *answer =
	    ask(server, "GET /chunk/100000 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");

	ck_assert_ptr_null(strstr(answer, "chunked"));
	ck_assert_uint_eq(body_len(answer), 100000);
}
END_TEST

START_TEST(a_cut_is_never_taken_for_an_end)
{
	_cleanup_(http_server_stopp) struct http_server *server = server_of(10, 30);
	_cleanup_(freep) char *sized = ask(server, "GET /cut/100000" CLOSE);
	_cleanup_(freep) char *ended = ask(server, "GET /short/100000" CLOSE);
	_cleanup_(freep) char *chunked = ask(server, "GET /cut-chunk/100000" CLOSE);
	_cleanup_(closep) int fd = client_of(server);
	char part[65536];
	ssize_t n;

	ck_assert_uint_eq(body_len(sized), 50000);
	ck_assert_uint_eq(body_len(ended), 50000);
	ck_assert_ptr_nonnull(strstr(sized, "Content-Length: 100000\r\n"));
	ck_assert_ptr_null(strstr(chunked, "\r\n0\r\n\r\n"));
	say(fd, "GET /cut-chunk/1000 HTTP/1.0\r\n\r\n");
	do
		n = recv(fd, part, sizeof(part), 0);
	while (n > 0);
	ck_assert_int_eq(n, -1);
	ck_assert_int_eq(errno, ECONNRESET);
	await(atomic_load(&seen.dones) == 4);
	ck_assert_int_eq(seen.how, HTTP_END_ERROR);
	ck_assert_int_eq(seen.errors, 4);
}
END_TEST

START_TEST(head_says_the_length_and_nothing_more)
{
	_cleanup_(http_server_stopp) struct http_server *server = server_of(10, 30);
	_cleanup_(freep) char *known =
	    ask(server, "HEAD /length/123456789 HTTP/1.1\r\nHost: x\r\n\r\nHEAD /pull/5" CLOSE);
	_cleanup_(freep) char *unknown = ask(server, "HEAD /chunk/5 HTTP/1.1\r\nHost: x\r\n\r\n");
	_cleanup_(freep) char *empty = ask(server, "HEAD /echo" CLOSE);

	ck_assert_uint_eq(count_of(known, "HTTP/1.1 200 OK\r\n"), 2);
	ck_assert_ptr_nonnull(strstr(known, "Content-Length: 123456789\r\n"));
	ck_assert_ptr_nonnull(strstr(known, "Content-Length: 5\r\n"));
	ck_assert_uint_eq(body_len(strstr(known, "\r\n\r\n") + 4), 0);
	/* No length is better than a wrong one; 0.9.75 would send a chunk if let. */
	ck_assert_ptr_null(strstr(unknown, "Content-Length"));
	ck_assert_ptr_null(strstr(unknown, "Transfer-Encoding"));
	ck_assert_uint_eq(body_len(unknown), 0);
	ck_assert_ptr_nonnull(strstr(empty, "Content-Length: 0\r\n"));
}
END_TEST

START_TEST(statuses_without_a_body)
{
	_cleanup_(http_server_stopp) struct http_server *server = server_of(10, 30);
	_cleanup_(freep) char *answers = ask(server,
	    "GET /status/204 HTTP/1.1\r\nHost: x\r\n\r\nGET /status/304 HTTP/1.1\r\nHost: "
	    "x\r\n\r\nPOST /status/202 HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: "
	    "close\r\n\r\n");
	char *second = strstr(answers, "HTTP/1.1 304 ");
	char *third = strstr(answers, "HTTP/1.1 202 ");

	ck_assert(begins(answers, "HTTP/1.1 204 No Content\r\n"));
	ck_assert_ptr_nonnull(second);
	ck_assert_ptr_nonnull(third);
	ck_assert_ptr_null(memmem(answers, (size_t)(second - answers), "Content-Length", 14));
	ck_assert_ptr_nonnull(
	    memmem(second, (size_t)(third - second), "Content-Length: 77\r\n", 20));
	ck_assert_mem_eq(third - 4, "\r\n\r\n", 4);
	ck_assert_ptr_nonnull(strstr(third, "Content-Length: 0\r\n"));
}
END_TEST

START_TEST(a_304_without_a_length_keeps_the_connection)
{
	_cleanup_(http_server_stopp) struct http_server *server = server_of(10, 30);
	_cleanup_(freep) char *answers = ask(server,
	    "GET /status/unknown/304 HTTP/1.1\r\nHost: x\r\n\r\nGET /status/unknown/304" CLOSE);

	ck_assert_uint_eq(count_of(answers, "HTTP/1.1 304 "), 2);
	ck_assert_uint_eq(count_of(answers, "Content-Length: 0\r\n"), 2);
	ck_assert_ptr_null(strstr(answers, "chunked"));
}
END_TEST

START_TEST(fields_are_as_given_except_the_hops_own)
{
	_cleanup_(http_server_stopp) struct http_server *server = server_of(10, 30);
	_cleanup_(freep) char *answer =
	    ask(server, "POST /echo-close HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi");

	ck_assert_uint_eq(count_of(answer, "Date: "), 1);
	ck_assert_ptr_nonnull(strstr(answer, "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n"));
	ck_assert_uint_eq(count_of(answer, "Content-Length: "), 1);
	ck_assert_ptr_nonnull(strstr(answer, "Content-Length: 2\r\n"));
	ck_assert_ptr_nonnull(strstr(answer, "X-Empty:  \r\n"));
	ck_assert_uint_eq(count_of(answer, "Connection: "), 1);
	ck_assert_ptr_nonnull(strstr(answer, "Connection: close\r\n"));
	ck_assert_ptr_null(strstr(answer, "Transfer-Encoding"));
	ck_assert_str_eq(strstr(answer, "\r\n\r\n") + 4, "hi");
}
END_TEST

UNIT(http_answer, a_pulled_body_of_known_length, a_pulled_body_of_unknown_length_is_chunked,
    http10_reads_to_the_end_of_the_connection, a_cut_is_never_taken_for_an_end,
    head_says_the_length_and_nothing_more, statuses_without_a_body,
    a_304_without_a_length_keeps_the_connection, fields_are_as_given_except_the_hops_own);

#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "response_head.h"

/* Feeds a raw head line by line, as curl hands it on; len because a NUL may be in it. */
static int feed(struct response_head *head, const char *bytes, size_t len, struct err *e)
{
	while (len > 0) {
		const char *newline = memchr(bytes, '\n', len);
		size_t line = newline ? (size_t)(newline - bytes) + 1 : len;
		int r = response_head_line(head, bytes, line, e);

		if (r < 0)
			return r;
		bytes += line;
		len -= line;
	}
	return 0;
}

struct head {
	const char *bytes;
	unsigned status;
	int64_t body; /* of the answer to a GET */
	bool keep_alive;
};

static const struct head heads[] = {
    {"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n", 200, 12, true},
    {"HTTP/1.1 200 OK\r\ncontent-length:0\r\n\r\n", 200, 0, true},
    {"HTTP/1.1 200 OK\r\nContent-Length: \t 12 \t\r\n\r\n", 200, 12, true},
    {"HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\n", 200, INT64_MAX, true},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n", 200, -1, true},
    {"HTTP/1.1 200 OK\r\n\r\n", 200, -1, true},
    {"HTTP/1.1 200\r\n\r\n", 200, -1, true},
    {"HTTP/1.1 200 \r\n\r\n", 200, -1, true},
    {"HTTP/1.1 201 Cr\xc3\xa9\xc3\xa9 \t x\r\nX-A:\r\nx-b: \xff\tv\r\n\r\n", 201, -1, true},
    {"HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 1\r\n\r\n", 200, 1, false},
    {"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n", 200, 1, false},
    {"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 1\r\n\r\n", 200, 1, true},
    {"HTTP/1.0 200 OK\r\nConnection: keep-alive, close\r\n\r\n", 200, -1, false},
    {"HTTP/1.1 204 No Content\r\n\r\n", 204, 0, true},
    {"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", 204, 0, true},
    {"HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n", 304, 0, true},
    {"HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n", 304, 0, true},
    {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n", 202, 0,
	true},
    {"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
     "HTTP/1.1 599 x\r\n\r\n",
	599, -1, true},
    {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nTrailer: x\r\n\r\n", 200, 1, true},
};

START_TEST(reads_a_head)
{
	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++) {
		struct response_head head = {};
		struct err e = {};

		ck_assert_msg(feed(&head, heads[i].bytes, strlen(heads[i].bytes), &e) == 0, "%s%s",
		    heads[i].bytes, e.text);
		ck_assert_msg(head.complete, "%s", heads[i].bytes);
		ck_assert_uint_eq(head.status, heads[i].status);
		ck_assert_msg(
		    response_body_length(&head, "GET") == heads[i].body, "%s", heads[i].bytes);
		ck_assert_int_eq(response_body_length(&head, "HEAD"), 0);
		ck_assert_msg(head.keep_alive == heads[i].keep_alive, "%s", heads[i].bytes);
		response_head_finish(&head);
	}
}
END_TEST

START_TEST(keeps_the_fields_of_the_final_head)
{
	static const char bytes[] =
	    "HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n"
	    "HTTP/1.1 200 OK\r\nSizes:\r\nX-A: one two\r\nx-a: 3\r\n\r\nX-T: t\r\n";
	struct response_head head = {};

	ck_assert_int_eq(feed(&head, bytes, strlen(bytes), NULL), 0);
	ck_assert_uint_eq(head.headers.len, 3);
	ck_assert_str_eq(headers_get(&head.headers, "sizes"), "");
	ck_assert_str_eq(headers_get(&head.headers, "X-A"), "one two");
	ck_assert_str_eq(head.headers.items[2].value, "3");
	ck_assert_int_eq(head.content_length, -1);
	ck_assert(!head.chunked);
	response_head_finish(&head);
	response_head_finish(NULL);
	ck_assert_uint_eq(head.status, 0);
}
END_TEST

/* A line each: everything before the failing one is fine. */
#define OK "HTTP/1.1 200 OK\r\n"

static const char *const malformed[] = {
    /* status line */
    "\r\n",
    "HTTP/1.1\r\n",
    "HTTP/1.1 20\r\n",
    "HTTP/1.1 2000\r\n",
    "HTTP/1.1 200OK\r\n",
    "HTTP/1.1  200 OK\r\n",
    "HTTP/1.1\t200 OK\r\n",
    "HTTP/1.2 200 OK\r\n",
    "HTTP/2 200 OK\r\n",
    "HTTP/2.0 200 OK\r\n",
    "http/1.1 200 OK\r\n",
    "HTTP/1.1 2x0 OK\r\n",
    "HTTP/1.1 2:0 OK\r\n",
    "HTTP/1.1 :00 OK\r\n",
    "HTTP/1.1 -20 OK\r\n",
    "HTTP/1.1 099 x\r\n",
    "HTTP/1.1 600 x\r\n",
    "HTTP/1.1 999 x\r\n",
    " HTTP/1.1 200 OK\r\n",
    "ICY 200 OK\r\n",
    "HTTP/1.1 200 O\rK\r\n",
    "HTTP/1.1 200 O\x01K\r\n",
    "HTTP/1.1 101 Switching Protocols\r\n",
    /* line ends and bytes */
    "HTTP/1.1 200 OK\n",
    "HTTP/1.1 200 OK",
    OK "X-A: b\n",
    OK "X-A: b\rX-B: c\r\n",
    OK "X-A: b\r\r\n",
    OK "X-A: \x01\r\n",
    OK "X-A: \x7f\r\n",
    OK "X-A: \x0b\r\n",
    OK "\n",
    OK "\r",
    /* names */
    OK "X-A : b\r\n",
    OK "X-A\t: b\r\n",
    OK " folded\r\n",
    OK "X-A: b\r\n folded: c\r\n",
    OK "X-A: b\r\n\tfolded\r\n",
    OK ": b\r\n",
    OK "X A: b\r\n",
    OK "X-A\r\n",
    OK "X\xc3\xa9: b\r\n",
    OK "X(a): b\r\n",
    OK " \r\n",
    /* framing */
    OK "Content-Length: 1\r\nContent-Length: 1\r\n\r\n",
    OK "Content-Length: 1\r\ncontent-length: 2\r\n\r\n",
    OK "Content-Length: 1, 1\r\n\r\n",
    OK "Content-Length: +1\r\n\r\n",
    OK "Content-Length: -1\r\n\r\n",
    OK "Content-Length: 1x\r\n\r\n",
    OK "Content-Length:\r\n\r\n",
    OK "Content-Length: 9223372036854775808\r\n\r\n",
    OK "Content-Length: 18446744073709551617\r\n\r\n",
    OK "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    OK "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n",
    OK "Transfer-Encoding: chunked, identity\r\n\r\n",
    OK "Transfer-Encoding: gzip, chunked\r\n\r\n",
    OK "Transfer-Encoding: identity\r\n\r\n",
    OK "Transfer-Encoding: xchunked\r\n\r\n",
    OK "Transfer-Encoding: chunked;q=1\r\n\r\n",
    OK "Transfer-Encoding: \"chunked\"\r\n\r\n",
    OK "Transfer-Encoding:\r\n\r\n",
    OK "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
    "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    "HTTP/1.1 204 No Content\r\nContent-Length: 1\r\n\r\n",
    "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n",
    "HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\n",
    "HTTP/1.1 103 x\r\nTransfer-Encoding: chunked\r\n\r\n",
    "HTTP/1.1 100 Continue\r\n\r\n\r\n",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 101 x\r\n",
    /* what follows the head */
    OK "\r\n\tfold\n",
    OK "\r\nX: a\x01\r\n",
};

START_TEST(refuses_what_two_readers_could_read_differently)
{
	for (size_t i = 0; i < sizeof(malformed) / sizeof(*malformed); i++) {
		struct response_head head = {};
		struct err e = {};

		ck_assert_msg(feed(&head, malformed[i], strlen(malformed[i]), &e) == -EBADMSG, "%s",
		    malformed[i]);
		ck_assert_msg(
		    strncmp(e.text, "the registry's answer is malformed: ", 36) == 0, "%s", e.text);
		response_head_finish(&head);
	}
}
END_TEST

START_TEST(refuses_a_nul)
{
	static const char status[] = "HTTP/1.1 200 O\0K\r\n", field[] = OK "X-A: b\0c\r\n",
			  name[] = OK "X\0A: b\r\n";
	struct response_head head = {};

	ck_assert_int_eq(feed(&head, status, sizeof(status) - 1, NULL), -EBADMSG);
	response_head_finish(&head);
	ck_assert_int_eq(feed(&head, field, sizeof(field) - 1, NULL), -EBADMSG);
	response_head_finish(&head);
	ck_assert_int_eq(feed(&head, name, sizeof(name) - 1, NULL), -EBADMSG);
	response_head_finish(&head);
}
END_TEST

/* How many blocks of so many lines are taken before the bound. */
static size_t endless(const char *first, const char *line, const char *last)
{
	struct response_head head = {};
	size_t taken = 0;

	while (feed(&head, first, strlen(first), NULL) == 0 &&
	       feed(&head, line, strlen(line), NULL) == 0 &&
	       feed(&head, last, strlen(last), NULL) == 0)
		taken += strlen(first) + strlen(line) + strlen(last);
	response_head_finish(&head);
	return taken;
}

START_TEST(is_bounded)
{
	struct response_head head = {};

	ck_assert_int_eq(feed(&head, OK, strlen(OK), NULL), 0);
	ck_assert_uint_gt(endless("HTTP/1.1 100 Continue\r\n", "X-A: b\r\n", "\r\n"), 60000);
	ck_assert_uint_le(
	    endless("HTTP/1.1 100 Continue\r\n", "X-A: b\r\n", "\r\n"), RESPONSE_HEAD_MAX);
	while (response_head_line(&head, "X-A: b\r\n", 8, NULL) == 0)
		;
	ck_assert_uint_gt(head.size, RESPONSE_HEAD_MAX);
	ck_assert_uint_lt(head.size, RESPONSE_HEAD_MAX + 9);
	response_head_finish(&head);
}
END_TEST

UNIT(response_head, reads_a_head, keeps_the_fields_of_the_final_head,
    refuses_what_two_readers_could_read_differently, refuses_a_nul, is_bounded);

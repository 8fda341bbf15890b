#include "http_fixture.h"

#include <sys/socket.h>

#include "http_head.h"
#include "peer_owner.h"

/* In place of the module's own: fails the first time, then there is somebody. */
static _Atomic unsigned owner_asked;
static _Atomic int owner_asked_of;

int peer_owner(int fd, uid_t *ret)
{
	owner_asked_of = fd;
	if (atomic_fetch_add(&owner_asked, 1) == 0)
		return -EMFILE;
	*ret = 1234;
	return 0;
}

/* REFUSED: by libmicrohttpd, and the handler never heard of it. */
enum verdict { REFUSED, NOT_PLAIN, PLAIN };

static enum verdict not_plain_or_refused(void)
{
	return http_head_is_strict() ? REFUSED : NOT_PLAIN;
}

/* Every head goes over a real socket, in one send, in pieces and octet by octet. */
static enum verdict verdict_on(
    struct http_server *server, const char *raw, size_t len, size_t piece)
{
	_cleanup_(closep) int fd = client_of(server);
	_cleanup_(freep) char *answer = NULL;
	unsigned heads = seen.heads, dones = seen.dones;

	for (size_t at = 0; at < len; at += piece) {
		send_bytes(fd, raw + at, len - at < piece ? len - at : piece);
		if (piece < len && piece > 1)
			poll(NULL, 0, 1);
	}
	shutdown(fd, SHUT_WR);
	answer = hear_until(fd, NULL);
	if (atomic_load(&seen.heads) == heads) {
		ck_assert(!*answer || begins(answer, "HTTP/1.1 400 "));
		return REFUSED;
	}
	await(atomic_load(&seen.dones) > dones);
	ck_assert_uint_eq(seen.heads, heads + 1);
	return seen.plain ? PLAIN : NOT_PLAIN;
}

static const size_t pieces[] = {1, 7, 1 << 20};

#define LINE "GET /echo-close HTTP/1.1\r\n"
#define HOST "Host: localhost:5100\r\n"
#define TEXT(s)                  \
	{                        \
		s, sizeof(s) - 1 \
	}

struct head {
	const char *raw;
	size_t len;
};

static const struct head plain[] = {
    TEXT(LINE HOST "\r\n"),
    TEXT("GET /echo-close HTTP/1.0\r\n\r\n"),
    TEXT("\r\n" LINE HOST "\r\n"),
    TEXT("GET /echo-close?a=b&c=%20d+e&&=f&g HTTP/1.1\r\n" HOST "\r\n"),
    TEXT("GET /echo-close%41%42%43/%2F? HTTP/1.1\r\n" HOST "\r\n"),
    TEXT(LINE "A:\r\nB: \r\nC:\t \tx\t\r\nD:x\r\n" HOST "\r\n"),
    TEXT(LINE HOST "A: b: c:d\r\nA: \xc3\xbc\xff\r\n\r\n"),
    TEXT(LINE HOST "Cookie: a=b; c=\"d; e\"; f\r\nCookie: g=h\r\nX: y\r\n\r\n"),
    TEXT(LINE "Cookie: a\r\n" HOST "Connection: close\r\n\r\n"),
    TEXT("POST /echo-close HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nh\0 lo"),
    TEXT("POST /echo-close HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
	 "2\r\nhi\r\n0\r\nA: b\r\n c\r\n\r\n"),
};

/* What a server may read or refuse (RFC 9112 §2.2, §3): 0.9.75 reads it, a strict one does not. */
static const struct head loose[] = {
    TEXT("GET /echo-close HTTP/1.1\nHost: x\nA: b\n\n"),
    TEXT("GET /echo-close HTTP/1.0\n\n"),
    TEXT("\r\n\r\n" LINE HOST "\r\n"),
    TEXT("GET   /echo-close HTTP/1.1\r\n" HOST "\r\n"),
};

static const struct head not_plain[] = {
    /* folded */
    TEXT(LINE HOST "A: one\r\n two\r\n\r\n"),
    TEXT(LINE HOST "A: one\r\n\ttwo\r\nB: c\r\n\r\n"),
    TEXT(LINE "A: one\r\n two\r\n three\r\n" HOST "\r\n"),
    TEXT(LINE HOST "A: one\r\n \r\n\r\n"),
    TEXT(LINE HOST "A:\r\n x\r\n\r\n"),
    TEXT(LINE "Host: localhost\r\n :5100\r\n\r\n"),
    TEXT(LINE HOST "A: b\r\n  Transfer-Encoding: chunked\r\n\r\n"),
    TEXT("GET /echo-close HTTP/1.1\nHost: x\nA: b\n c\n\n"),
    TEXT(LINE HOST "A: 1\r\n 2\r\nB: 1\r\n 2\r\nC: 1\r\n 2\r\n\r\n"),
    /* with a NUL */
    TEXT(LINE HOST "A: o\0ne\r\n\r\n"),
    TEXT(LINE HOST "A: one\0\r\n\r\n"),
    TEXT(LINE HOST "A: \0\r\nB: c\r\n\r\n"),
    TEXT(LINE HOST "A: one\0\0\r\nB: c\r\n\r\n"),
    TEXT(LINE HOST "\0A: b\r\n\r\n"),
    TEXT(LINE HOST "\0\r\n\r\n"),
    TEXT(LINE HOST "A: b\r\n\0Transfer-Encoding: chunked\r\n\r\n"),
    TEXT("GET /echo-close\0/x HTTP/1.1\r\n" HOST "\r\n"),
    TEXT("GET /echo-close?\0 HTTP/1.1\r\n" HOST "\r\n"),
    TEXT("GET /echo-close\0 HTTP/1.1\r\n" HOST "\r\n"),
    TEXT("GE\0T /echo-close HTTP/1.1\r\n" HOST "\r\n"),
    TEXT("GET\0 /echo-close HTTP/1.1\r\n" HOST "\r\n"),
    /* lines that do not end alike */
    TEXT(LINE "Host: x\nA: b\r\n\r\n"),
    TEXT(LINE HOST "\n"),
    TEXT("GET /echo-close HTTP/1.1\nHost: x\r\n\r\n"),
    TEXT("GET /echo-close HTTP/1.1\nHost: x\n\r\n"),
    TEXT("GET /echo-close HTTP/1.0\r\n\n"),
};

static void check_each(const struct head *heads, size_t count, enum verdict expected)
{
	_cleanup_(http_server_stopp) struct http_server *server = server_of(10, 30);

	for (size_t i = 0; i < count; i++)
		for (size_t p = 0; p < sizeof(pieces) / sizeof(*pieces); p++)
			ck_assert_msg(
			    verdict_on(server, heads[i].raw, heads[i].len, pieces[p]) == expected,
			    "%zu in pieces of %zu: %s", i, pieces[p], heads[i].raw);
}

START_TEST(lines_as_clients_send_them_are_plain)
{
	check_each(plain, sizeof(plain) / sizeof(*plain), PLAIN);
	check_each(loose, sizeof(loose) / sizeof(*loose), http_head_is_strict() ? REFUSED : PLAIN);
}
END_TEST

START_TEST(what_the_parser_hides_is_not_plain)
{
	check_each(not_plain, sizeof(not_plain) / sizeof(*not_plain), not_plain_or_refused());
}
END_TEST

/* One head of `size` octets, with `fields` of them. */
static void write_head(struct str *raw, size_t size, size_t fields, const char *last)
{
	str_append_text(raw, LINE HOST);
	for (size_t i = 0; i < fields; i++) {
		size_t want = (size - raw->len) / (fields - i);

		str_appendf(raw, "X-Long-%05zu: ", i);
		for (size_t n = 16; n < want; n++)
			str_append(raw, "v", 1);
		str_append_text(raw, "\r\n");
	}
	str_append_text(raw, last);
	str_append_text(raw, "\r\n");
}

/* Around what is received at once, where the buffer grows, and beyond what fits. */
START_TEST(size_does_not_matter)
{
	_cleanup_(http_server_stopp) struct http_server *server = server_of(10, 30);
	const size_t sizes[] = {24 * 1024, 60000, 79980, 81900, 81920, 82000, 95000};
	const size_t fields[] = {1, 3, 200};
	const size_t big_pieces[] = {997, 1 << 20};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		for (size_t f = 0; f < 3; f++)
			for (size_t p = 0; p < 2; p++) {
				_cleanup_str_ struct str good = {}, bad = {};

				write_head(&good, sizes[i], fields[f], "");
				write_head(&bad, sizes[i], fields[f], "A: b\r\n c\r\n");
				ck_assert_int_eq(
				    verdict_on(server, good.data, good.len, big_pieces[p]), PLAIN);
				ck_assert_int_eq(
				    verdict_on(server, bad.data, bad.len, big_pieces[p]),
				    not_plain_or_refused());
			}
}
END_TEST

/* 0.9.75 joins a folded line in place when the name ends where its buffer ends. */
START_TEST(a_fold_at_the_end_of_the_buffer_is_seen)
{
	_cleanup_(http_server_stopp) struct http_server *server = server_of(10, 30);

	for (size_t size = 81820; size < 81960; size++) {
		_cleanup_str_ struct str bad = {};

		write_head(&bad, size, 1, "X:  v\r\n t\r\n");
		ck_assert_msg(
		    verdict_on(server, bad.data, bad.len, 1 << 20) == not_plain_or_refused(), "%zu",
		    size);
	}
}
END_TEST

START_TEST(requests_on_one_connection_are_judged_each)
{
	_cleanup_(http_server_stopp) struct http_server *server = server_of(10, 30);
	_cleanup_(closep) int fd = client_of(server);

	for (unsigned i = 0; i < 6; i++) {
		_cleanup_(freep) char *answer = NULL;

		say(fd, "GET /echo HTTP/1.1\r\n" HOST);
		say(fd, i % 2 ? "A: b\r\n c\r\n\r\n" : "A: b\r\n\r\n");
		answer = hear_until(fd, "\r\n\r\n");
		await(atomic_load(&seen.dones) == i + 1);
		if (i % 2 && http_head_is_strict()) {
			ck_assert(begins(answer, "HTTP/1.1 400 "));
			ck_assert_uint_eq(seen.heads, i);
			return; /* so has the connection */
		}
		ck_assert(seen.plain == !(i % 2));
	}
}
END_TEST

static bool are_ends_of_one(int fd, int other)
{
	struct sockaddr_in name = {}, peer = {};
	socklen_t name_len = sizeof(name), peer_len = sizeof(peer);

	return getsockname(fd, (struct sockaddr *)&name, &name_len) == 0 &&
	       getpeername(other, (struct sockaddr *)&peer, &peer_len) == 0 &&
	       memcmp(&name, &peer, sizeof(name)) == 0;
}

/* Until it is known. */
START_TEST(a_connections_owner_is_asked_once)
{
	_cleanup_(http_server_stopp) struct http_server *server = server_of(10, 30);
	_cleanup_(closep) int fd = client_of(server);

	owner_asked = 0;
	for (unsigned i = 0; i < 4; i++) {
		say(fd, "GET /echo HTTP/1.1\r\n" HOST "\r\n");
		free(hear_until(fd, "\r\n\r\n"));
		await(atomic_load(&seen.dones) == i + 1);
		ck_assert_int_eq(seen.owner, i == 0 ? -1 : 1234);
		ck_assert(are_ends_of_one(fd, owner_asked_of));
	}
	ck_assert_uint_eq(owner_asked, 2);
}
END_TEST

/* 0.9.75 runs out of memory over so many arguments and closes without a word. */
START_TEST(a_query_of_many_arguments_is_just_text)
{
	_cleanup_(http_server_stopp) struct http_server *server = server_of(10, 30);
	_cleanup_str_ struct str raw = {};
	_cleanup_(freep) char *answer = NULL;

	str_append_text(&raw, "GET /echo-close?a");
	for (int i = 0; i < 6000; i++)
		str_append_text(&raw, "&a");
	str_append_text(&raw, " HTTP/1.1\r\nHost: x\r\n\r\n");
	answer = ask(server, raw.data);
	ck_assert(begins(answer, "HTTP/1.1 200 "));
	ck_assert_uint_eq(strlen(seen.target), strlen("/echo-close?a") + 12000);
	ck_assert(seen.plain);
}
END_TEST

/* Some before their head is complete, some in their body. */
START_TEST(what_cannot_be_read_is_answered_once)
{
	_cleanup_(http_server_stopp) struct http_server *server = server_of(10, 30);
	static const char *const raw[] = {"Content-Length: 5, 5\r\n\r\nhello",
	    "Content-Length: 99999999999999999999\r\n\r\n", "no colon\r\n\r\n",
	    "Transfer-Encoding: chunked\r\n\r\nzz\r\n"};

	for (unsigned i = 0; i < sizeof(raw) / sizeof(*raw); i++) {
		_cleanup_(closep) int fd = client_of(server);
		_cleanup_(freep) char *answer = NULL;

		say(fd, "POST /sink HTTP/1.1\r\nHost: x\r\n");
		say(fd, raw[i]);
		answer = hear_until(fd, NULL);
		ck_assert(begins(answer, "HTTP/1.1 4"));
		ck_assert_uint_eq(count_of(answer, "HTTP/1.1 "), 1);
		ck_assert_ptr_nonnull(strstr(answer, "{\"errors\":[{\"code\":\"UNSUPPORTED\""));
		await(atomic_load(&seen.dones) == i + 1);
		ck_assert_int_eq(seen.how, HTTP_END_ERROR);
	}
	ck_assert_int_eq(seen.ends, 0);
}
END_TEST

UNIT(http_head, lines_as_clients_send_them_are_plain, what_the_parser_hides_is_not_plain,
    size_does_not_matter, a_fold_at_the_end_of_the_buffer_is_seen,
    requests_on_one_connection_are_judged_each, a_connections_owner_is_asked_once,
    a_query_of_many_arguments_is_just_text, what_cannot_be_read_is_answered_once);

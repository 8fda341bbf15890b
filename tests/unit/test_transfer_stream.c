/* Bodies up and down: whole, in order, bounded, and refused early. */
#include "unit.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "clock.h"
#include "upstream_fixture.h"

enum { MIB = 1024 * 1024, BODY = 8 * MIB, BIG = 64 * MIB };

/* Octet i of every body; the period is no power of two, so that a shifted block shows. */
static char octet_at(size_t i)
{
	return (char)(i % 251);
}

static void fill(char *buffer, size_t at, size_t len)
{
	for (size_t i = 0; i < len; i++)
		buffer[i] = octet_at(at + i);
}

static bool matches(const char *buffer, size_t at, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (buffer[i] != octet_at(at + i))
			return false;
	return true;
}

static bool write_octets(struct fake_connection *connection, size_t at, size_t len)
{
	static _Thread_local char buffer[64 * 1024];

	for (size_t n; len > 0; at += n, len -= n) {
		n = len < sizeof(buffer) ? len : sizeof(buffer);
		fill(buffer, at, n);
		if (!fake_write(connection, buffer, n))
			return false;
	}
	return true;
}

static bool expect_octets(struct fake_connection *connection, size_t at, size_t len)
{
	static _Thread_local char buffer[64 * 1024];

	for (ssize_t n; len > 0; at += (size_t)n, len -= (size_t)n) {
		n = fake_read(connection, buffer, len < sizeof(buffer) ? len : sizeof(buffer));
		if (n <= 0 || !matches(buffer, at, (size_t)n))
			return false;
	}
	return true;
}

/* A chunk's size line; −1 at the peer's end. */
static long read_chunk_size(struct fake_connection *connection)
{
	char line[32] = {};

	for (size_t i = 0; i < sizeof(line) - 1; i++) {
		if (fake_read(connection, line + i, 1) <= 0)
			return -1;
		if (line[i] == '\n')
			return strtol(line, NULL, 16);
	}
	return -1;
}

static size_t expect_chunks(struct fake_connection *connection)
{
	size_t at = 0;
	long len;

	while ((len = read_chunk_size(connection)) > 0) {
		if (!expect_octets(connection, at, (size_t)len) || !fake_skip(connection, 2))
			return 0;
		at += (size_t)len;
	}
	return len == 0 && fake_skip(connection, 2) ? at : 0;
}

static void take_upload(struct fake_connection *connection)
{
	const char *head;

	while ((head = fake_read_head(connection))) {
		bool whole = strstr(head, "Transfer-Encoding: chunked")
				 ? expect_chunks(connection) == BODY
				 : strstr(head, "Content-Length: 8388608\r\n") &&
				       expect_octets(connection, 0, BODY);

		fake_say(connection, whole
					 ? "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"
					 : "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
	}
}

static int send_body(struct transfer *transfer, size_t block, size_t total)
{
	static char buffer[256 * 1024];
	int r = 0;

	for (size_t at = 0, n; at < total && r == 0; at += n) {
		n = total - at < block ? total - at : block;
		fill(buffer, at, n);
		r = transfer_send(transfer, buffer, n);
	}
	return r;
}

static void upload(struct fixture *f, int64_t length, size_t block)
{
	_cleanup_(transfer_finishp) struct transfer *transfer =
	    fixture_begin(f, "PATCH", "/v2/a", length);
	char none;

	ck_assert_int_eq(send_body(transfer, block, BODY), 0);
	ck_assert_int_eq(transfer_await_head(transfer, clock_mono_ms() + FIXTURE_WAIT_MS), 0);
	ck_assert_uint_eq(transfer_head(transfer)->status, 201);
	ck_assert_int_eq(transfer_read(transfer, &none, 1), 0);
}

static void check_uploads(bool with_tls)
{
	struct fixture f;

	fixture_start(&f, take_upload, with_tls);
	upload(&f, BODY, 80 * 1024);
	upload(&f, BODY, 1000);
	upload(&f, -1, 32 * 1024);
	upload(&f, -1, 256 * 1024);
	/* A streamed body never travels on a connection that may be dead. */
	ck_assert_int_eq(f.server.connections, 4);
	fixture_stop(&f);
}

START_TEST(uploads_arrive_as_sent)
{
	check_uploads(false);
	check_uploads(true);
}
END_TEST

static void give_sized(struct fake_connection *connection)
{
	while (fake_read_head(connection)) {
		fake_say(connection, "HTTP/1.1 200 OK\r\nContent-Length: 8388608\r\n\r\n");
		write_octets(connection, 0, BODY);
	}
}

static void give_chunked(struct fake_connection *connection)
{
	while (fake_read_head(connection)) {
		size_t len = 1;

		fake_say(connection, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
		for (size_t at = 0; at < BODY; at += len) {
			char line[32];

			len = at + 2 * len + 1 < BODY ? 2 * len + 1 : BODY - at;
			snprintf(line, sizeof(line), "%zX;x=y\r\n", len);
			fake_say(connection, line);
			write_octets(connection, at, len);
			fake_say(connection, "\r\n");
		}
		fake_say(connection, "0\r\nX-Trailer: 1\r\n\r\n");
	}
}

static void give_until_close(struct fake_connection *connection)
{
	if (!fake_read_head(connection))
		return;
	fake_say(connection, "HTTP/1.1 200 OK\r\n\r\n");
	write_octets(connection, 0, BODY);
}

static void download(struct fixture *f, size_t block)
{
	_cleanup_(transfer_finishp) struct transfer *transfer = fixture_begin(f, "GET", "/v2/a", 0);
	char *buffer = malloc(block); /* exactly so long, for the address sanitizer */
	size_t at = 0;
	ssize_t n;

	ck_assert_int_eq(transfer_await_head(transfer, clock_mono_ms() + FIXTURE_WAIT_MS), 0);
	while ((n = transfer_read(transfer, buffer, block)) > 0) {
		ck_assert(matches(buffer, at, (size_t)n));
		at += (size_t)n;
	}
	free(buffer);
	ck_assert_int_eq(n, 0);
	ck_assert_uint_eq(at, BODY);
}

static void check_downloads(fake_script *script, bool with_tls, int connections)
{
	static const size_t blocks[] = {256 * 1024, 100 * 1000, 16 * 1024, 4097, 77};
	struct fixture f;

	fixture_start(&f, script, with_tls);
	for (size_t i = 0; i < sizeof(blocks) / sizeof(*blocks); i++)
		download(&f, blocks[i]);
	ck_assert_int_eq(f.server.connections, connections);
	fixture_stop(&f);
}

START_TEST(downloads_arrive_as_sent)
{
	check_downloads(give_sized, false, 1);
	check_downloads(give_sized, true, 1);
	check_downloads(give_chunked, false, 1);
	check_downloads(give_chunked, true, 1);
	check_downloads(give_until_close, false, 5);
	check_downloads(give_until_close, true, 5);
}
END_TEST

static atomic_size_t given;

static void give_without_end(struct fake_connection *connection)
{
	if (!fake_read_head(connection))
		return;
	fake_say(connection, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
	while (given < BIG && fake_say(connection, "10000\r\n") &&
	       write_octets(connection, given, 65536) && fake_say(connection, "\r\n"))
		given += 65536;
}

START_TEST(not_reading_holds_the_upstream_back)
{
	struct transfer *transfer;
	size_t before = 1;
	struct fixture f;
	char octet;

	fixture_start(&f, give_without_end, false);
	transfer = fixture_begin(&f, "GET", "/v2/a", 0);
	ck_assert_int_eq(transfer_await_head(transfer, clock_mono_ms() + FIXTURE_WAIT_MS), 0);
	ck_assert_int_eq(transfer_read(transfer, &octet, 1), 1);
	while (before != given) {
		before = given;
		stop_sleep(&f.stop, 200);
	}
	ck_assert_uint_lt(given, 16 * MIB);
	transfer_finish(transfer);
	fixture_stop(&f);
}
END_TEST

static void refuse_at_once(struct fake_connection *connection)
{
	if (!fake_read_head(connection))
		return;
	fake_say(connection,
	    "HTTP/1.1 401 Unauthorized\r\nContent-Length: 6\r\nConnection: close\r\n\r\nsorry\n");
	fake_skip(connection, BIG);
}

static void refuse_in_the_middle(struct fake_connection *connection)
{
	if (!fake_read_head(connection))
		return;
	fake_skip(connection, MIB);
	fake_say(connection,
	    "HTTP/1.1 401 Unauthorized\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nsorry\n\r\n");
	poll(NULL, 0, 30); /* so that the end comes by itself */
	fake_say(connection, "0\r\n\r\n");
	fake_skip(connection, BIG);
}

static void refuse_and_close(struct fake_connection *connection)
{
	if (!fake_read_head(connection))
		return;
	fake_skip(connection, MIB);
	fake_say(connection,
	    "HTTP/1.1 401 Unauthorized\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
	    "6\r\nsorry\n\r\n0\r\n\r\n");
	shutdown(connection->fd, SHUT_WR);
	fake_skip(connection, BIG);
}

static void check_refusal(fake_script *script, bool with_tls, int64_t length)
{
	_cleanup_str_ struct str body = {};
	struct transfer *transfer;
	struct fixture f;

	fixture_start(&f, script, with_tls);
	transfer = fixture_begin(&f, "PATCH", "/v2/a", length);
	ck_assert_int_eq(send_body(transfer, 80 * 1024, 50 * MIB), 1);
	ck_assert_int_eq(transfer_await_head(transfer, clock_mono_ms() + FIXTURE_WAIT_MS), 0);
	ck_assert_uint_eq(transfer_head(transfer)->status, 401);
	ck_assert_int_eq(fixture_read(transfer, &body), 0);
	ck_assert_str_eq(str_text(&body), "sorry\n");
	transfer_finish(transfer);
	ck_assert_ptr_null(f.upstream->pool.idle);
	fixture_stop(&f);
}

START_TEST(a_refusal_stops_the_upload)
{
	for (int with_tls = 0; with_tls < 2; with_tls++) {
		check_refusal(refuse_at_once, with_tls, 50 * MIB);
		check_refusal(refuse_at_once, with_tls, -1);
		check_refusal(refuse_in_the_middle, with_tls, 50 * MIB);
		check_refusal(refuse_in_the_middle, with_tls, -1);
		check_refusal(refuse_and_close, with_tls, 50 * MIB);
		check_refusal(refuse_and_close, with_tls, -1);
	}
}
END_TEST

static void accept_early(struct fake_connection *connection)
{
	if (!fake_read_head(connection))
		return;
	fake_say(connection, "HTTP/1.1 202 Accepted\r\nContent-Length: 5\r\n\r\nearly");
	if (expect_chunks(connection) == BODY)
		connection->server->requests += 100;
	fake_hang(connection);
}

START_TEST(an_early_acceptance_does_not)
{
	_cleanup_str_ struct str body = {};
	struct transfer *transfer;
	struct fixture f;

	fixture_start(&f, accept_early, false);
	transfer = fixture_begin(&f, "PATCH", "/v2/a", -1);
	ck_assert_int_eq(send_body(transfer, 80 * 1024, BODY), 0);
	ck_assert_int_eq(transfer_await_head(transfer, clock_mono_ms() + FIXTURE_WAIT_MS), 0);
	ck_assert_uint_eq(transfer_head(transfer)->status, 202);
	ck_assert_int_eq(fixture_read(transfer, &body), 0);
	ck_assert_str_eq(str_text(&body), "early");
	transfer_finish(transfer);
	fixture_stop(&f);
	ck_assert_int_eq(f.server.requests, 101);
}
END_TEST

UNIT(transfer_stream, uploads_arrive_as_sent, downloads_arrive_as_sent,
    not_reading_holds_the_upstream_back, a_refusal_stops_the_upload, an_early_acceptance_does_not);

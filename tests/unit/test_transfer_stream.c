/* Bodies up and down: whole, in order, bounded. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "fake_octets.h"
#include "upstream_fixture.h"

enum { MIB = 1024 * 1024, BODY = 8 * MIB, BIG = 64 * MIB };

static void take_upload(struct fake_connection *connection)
{
	const char *head;

	while ((head = fake_read_head(connection))) {
		bool whole = strstr(head, "Transfer-Encoding: chunked")
				 ? fake_expect_chunks(connection) == BODY
				 : strstr(head, "Content-Length: 8388608\r\n") &&
				       fake_expect_octets(connection, 0, BODY);

		fake_say(connection, whole
					 ? "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"
					 : "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
	}
}

static void upload(struct fixture *f, int64_t length, size_t block)
{
	_cleanup_(transfer_finishp) struct transfer *transfer =
	    fixture_begin(f, "PATCH", "/v2/a", length);
	char none;

	ck_assert_int_eq(send_octets(transfer, block, BODY), 0);
	ck_assert_int_eq(transfer_await_head(transfer, clock_mono_ms() + FIXTURE_WAIT_MS), 0);
	ck_assert_uint_eq(transfer_head(transfer)->status, 201);
	ck_assert_int_eq(transfer_read(transfer, &none, 1, INT64_MAX), 0);
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
		fake_write_octets(connection, 0, BODY);
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
			fake_write_octets(connection, at, len);
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
	fake_write_octets(connection, 0, BODY);
}

static void download(struct fixture *f, size_t block)
{
	_cleanup_(transfer_finishp) struct transfer *transfer = fixture_begin(f, "GET", "/v2/a", 0);
	char *buffer = malloc(block); /* exactly so long, for the address sanitizer */
	size_t at = 0;
	ssize_t n;

	ck_assert_int_eq(transfer_await_head(transfer, clock_mono_ms() + FIXTURE_WAIT_MS), 0);
	while ((n = transfer_read(transfer, buffer, block, INT64_MAX)) > 0) {
		ck_assert(octets_match(buffer, at, (size_t)n));
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
	       fake_write_octets(connection, given, 65536) && fake_say(connection, "\r\n"))
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
	ck_assert_int_eq(transfer_read(transfer, &octet, 1, INT64_MAX), 1);
	while (before != given) {
		before = given;
		stop_sleep(&f.stop, 200);
	}
	ck_assert_uint_lt(given, 16 * MIB);
	transfer_finish(transfer);
	fixture_stop(&f);
}
END_TEST

UNIT(transfer_stream, uploads_arrive_as_sent, downloads_arrive_as_sent,
    not_reading_holds_the_upstream_back);

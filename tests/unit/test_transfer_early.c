/* A final answer before the body was sent: a refusal ends the upload, an acceptance does not. */
#include "unit.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "clock.h"
#include "fake_octets.h"
#include "upstream_fixture.h"

enum { MIB = 1024 * 1024, BODY = 8 * MIB, STEP = 64 * 1024, BIG = 64 * MIB };

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
	ck_assert_int_eq(send_octets(transfer, 80 * 1024, 50 * MIB), 1);
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

/* Reads slowly, so that the end of the body is still on our side when its sender is done. */
static void accept_early(struct fake_connection *connection)
{
	int small = 64 * 1024;
	size_t at = 0;

	setsockopt(connection->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	if (!fake_read_head(connection))
		return;
	fake_say(connection, "HTTP/1.1 202 Accepted\r\nContent-Length: 5\r\n\r\nearly");
	for (; at < BODY && fake_expect_octets(connection, at, STEP); at += STEP)
		poll(NULL, 0, 1);
	if (at == BODY)
		connection->server->requests += 100;
	fake_hang(connection);
}

static int shrink_send_buffer(void *arg, curl_socket_t fd, curlsocktype purpose)
{
	int small = 16 * 1024;

	return setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
}

START_TEST(an_early_acceptance_does_not)
{
	_cleanup_str_ struct str body = {};
	struct transfer *transfer;
	struct fixture f;

	fixture_start(&f, accept_early, false);
	transfer = fixture_begin(&f, "PATCH", "/v2/a", BODY);
	curl_easy_setopt(transfer->slot->easy, CURLOPT_SOCKOPTFUNCTION, shrink_send_buffer);
	ck_assert_int_eq(send_octets(transfer, 256 * 1024, BODY), 0);
	ck_assert_int_eq(transfer_await_head(transfer, clock_mono_ms() + FIXTURE_WAIT_MS), 0);
	ck_assert_uint_eq(transfer_head(transfer)->status, 202);
	ck_assert_int_eq(fixture_read(transfer, &body), 0);
	ck_assert_str_eq(str_text(&body), "early");
	transfer_finish(transfer);
	fixture_stop(&f);
	ck_assert_int_eq(f.server.requests, 101);
}
END_TEST

UNIT(transfer_early, a_refusal_stops_the_upload, an_early_acceptance_does_not);

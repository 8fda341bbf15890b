/* Which connections carry a second transfer, and that no stray octet is taken for its answer. */
#include "unit.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "upstream_fixture.h"

#define POISON "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison"

/* What the first request is answered with; all later ones are told "hello". */
static const char *first_answer, *stray;
static atomic_bool first_done;

static void say_first_then_hello(struct fake_connection *connection)
{
	bool first = connection->number == 0;

	while (fake_read_head(connection)) {
		if (first)
			fake_say(connection, first_answer);
		else
			fake_say(connection, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
		if (first && stray) {
			while (!first_done && !connection->server->quit)
				poll(NULL, 0, 1);
			fake_say(connection, stray);
		}
		first = false;
	}
}

static void wait_for_octets(int fd)
{
	struct pollfd octets = {.fd = fd, .events = POLLIN};

	ck_assert_int_eq(poll(&octets, 1, FIXTURE_WAIT_MS), 1);
}

/* The second exchange must read "hello"; returns the connections that both took. */
static int exchange_twice(
    const char *method, const char *answer, const char *late, bool with_tls, bool fresh)
{
	_cleanup_str_ struct str body = {}, ignored = {};
	struct fixture f;
	int connections;

	first_answer = answer;
	stray = late;
	first_done = false;
	fixture_start(&f, say_first_then_hello, with_tls);
	fixture_get(&f, method, &ignored);
	first_done = true;
	if (late)
		wait_for_octets(f.upstream->pool.idle->socket);
	f.fresh = fresh;
	ck_assert_uint_eq(fixture_get(&f, "GET", &body), 200);
	ck_assert_str_eq(str_text(&body), "hello");
	connections = f.server.connections;
	fixture_stop(&f);
	return connections;
}

START_TEST(whole_answers_leave_the_connection)
{
	static const struct {
		const char *method, *answer;
	} cases[] = {
	    {"GET", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"},
	    {"GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"},
	    {"GET", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"},
	    {"GET", "HTTP/1.1 307 Temporary Redirect\r\nLocation: http://x/\r\nContent-Length: "
		    "0\r\n\r\n"},
	    {"HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"},
	    {"HEAD", "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n"},
	    {"GET", "HTTP/1.1 204 No Content\r\n\r\n"},
	    {"GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 1000000\r\n\r\n"},
	    {"POST", "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"},
	    {"GET", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
		    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		for (int with_tls = 0; with_tls < 2; with_tls++)
			if (exchange_twice(
				cases[i].method, cases[i].answer, NULL, with_tls, false) != 1)
				ck_abort_msg("not reused: %s", cases[i].answer);
}
END_TEST

START_TEST(others_do_not)
{
	static const struct {
		const char *method, *answer;
	} cases[] = {
	    {"GET", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"},
	    {"GET", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"},
	    {"GET", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok"},
	    {"HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		if (exchange_twice(cases[i].method, cases[i].answer, NULL, false, false) != 2)
			ck_abort_msg("reused: %s", cases[i].answer);
	ck_assert_int_eq(exchange_twice("GET", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
			     NULL, false, true),
	    2);
}
END_TEST

/* Stray octets in one packet with the answer. */
static void check_refused(const char *method, const char *answer, bool with_tls)
{
	_cleanup_str_ struct str at_once = {}, body = {};
	struct transfer *transfer;
	struct fixture f;

	ck_assert_int_eq(str_appendf(&at_once, "%s" POISON, answer), 0);
	first_answer = at_once.data;
	stray = NULL;
	fixture_start(&f, say_first_then_hello, with_tls);
	transfer = fixture_begin(&f, method, "/v2/", 0);
	if (transfer_await_head(transfer, clock_mono_ms() + FIXTURE_WAIT_MS) == 0)
		ck_assert_int_lt(fixture_read(transfer, &body), 0);
	ck_assert_int_eq(transfer_failure(transfer), TRANSFER_MALFORMED);
	transfer_finish(transfer);
	ck_assert_uint_eq(fixture_get(&f, "GET", NULL), 200);
	ck_assert_int_eq(f.server.connections, 2);
	fixture_stop(&f);
}

START_TEST(stray_octets_end_the_connection)
{
	static const struct {
		const char *method, *answer;
	} cases[] = {
	    {"HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 44\r\n\r\n"},
	    {"GET", "HTTP/1.1 204 No Content\r\n\r\n"},
	    {"GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 44\r\n\r\n"},
	    {"GET", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"},
	    {"GET", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"},
	    {"GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		for (int with_tls = 0; with_tls < 2; with_tls++) {
			ck_assert_int_eq(exchange_twice(cases[i].method, cases[i].answer, POISON,
					     with_tls, false),
			    2);
			check_refused(cases[i].method, cases[i].answer, with_tls);
		}
}
END_TEST

static void answer_in_two_packets(struct fake_connection *connection)
{
	while (fake_read_head(connection)) {
		fake_say(connection, "HTTP/1.1 401 Unauthorized\r\nContent-Length: 5\r\n\r\n");
		while (!first_done && !connection->server->quit)
			poll(NULL, 0, 1);
		fake_say(connection, "hello");
	}
}

static int upstream_fd;

static int note_fd(void *arg, curl_socket_t fd, curlsocktype purpose)
{
	upstream_fd = fd;
	return CURL_SOCKOPT_OK;
}

/* As when a token was refused: the body is of no interest, the connection is. */
START_TEST(a_body_that_nobody_read_is_taken_off)
{
	struct fixture f;

	fixture_start(&f, answer_in_two_packets, false);
	for (int i = 0; i < 3; i++) {
		struct transfer *transfer = fixture_begin(&f, "GET", "/v2/", 0);

		curl_easy_setopt(transfer->slot->easy, CURLOPT_SOCKOPTFUNCTION, note_fd);
		first_done = false;
		ck_assert_int_eq(
		    transfer_await_head(transfer, clock_mono_ms() + FIXTURE_WAIT_MS), 0);
		first_done = true;
		wait_for_octets(upstream_fd);
		transfer_finish(transfer);
	}
	ck_assert_int_eq(f.server.connections, 1);
	fixture_stop(&f);
}
END_TEST

static void serve_one(struct fake_connection *connection)
{
	if (fake_read_head(connection))
		fake_say(connection, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
}

START_TEST(closed_ones_are_not_taken)
{
	struct fixture f;

	fixture_start(&f, serve_one, false);
	for (int i = 0; i < 5; i++) {
		ck_assert_uint_eq(fixture_get(&f, "GET", NULL), 200);
		poll(NULL, 0, 5);
	}
	ck_assert_int_eq(f.server.connections, 5);
	ck_assert_int_eq(f.server.requests, 5);
	fixture_stop(&f);
}
END_TEST

/* The second request on a connection is read and met with a close. */
static void close_on_the_second(struct fake_connection *connection)
{
	serve_one(connection);
	fake_read_head(connection);
}

START_TEST(one_that_dies_under_a_request_is_replaced)
{
	struct fixture f;

	fixture_start(&f, close_on_the_second, false);
	ck_assert_uint_eq(fixture_get(&f, "GET", NULL), 200);
	ck_assert_uint_eq(fixture_get(&f, "GET", NULL), 200);
	ck_assert_int_eq(f.server.connections, 2);
	ck_assert_int_eq(f.server.requests, 3);
	fixture_stop(&f);
}
END_TEST

static void close_on_a_body(struct fake_connection *connection)
{
	const char *head;

	while ((head = fake_read_head(connection)) && strncmp(head, "PATCH", 5) != 0)
		fake_say(connection, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
}

START_TEST(a_streamed_body_is_never_sent_twice)
{
	struct transfer *transfer;
	struct fixture f;

	fixture_start(&f, close_on_a_body, false);
	ck_assert_uint_eq(fixture_get(&f, "GET", NULL), 200);
	transfer = fixture_begin(&f, "PATCH", "/v2/a", 5);
	if (transfer_send(transfer, "hello", 5, INT64_MAX) == 0)
		ck_assert_int_lt(
		    transfer_await_head(transfer, clock_mono_ms() + FIXTURE_WAIT_MS), 0);
	ck_assert_int_eq(transfer_failure(transfer), TRANSFER_NO_BYTE);
	transfer_finish(transfer);
	ck_assert_int_eq(f.server.requests, 2);
	fixture_stop(&f);
}
END_TEST

START_TEST(another_registry_has_another_connection)
{
	static char other[] = "999999999999.dkr.ecr.eu-west-1.amazonaws.com", host[] = FIXTURE_HOST;
	struct fixture f;

	fixture_start(&f, say_first_then_hello, false);
	first_answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
	stray = NULL;
	for (int i = 0; i < 3; i++) {
		f.registry.host = host;
		ck_assert_uint_eq(fixture_get(&f, "GET", NULL), 200);
		f.registry.host = other;
		ck_assert_uint_eq(fixture_get(&f, "GET", NULL), 200);
	}
	ck_assert_int_eq(f.server.connections, 2);
	fixture_stop(&f);
}
END_TEST

UNIT(upstream_reuse, whole_answers_leave_the_connection, others_do_not,
    stray_octets_end_the_connection, a_body_that_nobody_read_is_taken_off,
    closed_ones_are_not_taken, one_that_dies_under_a_request_is_replaced,
    a_streamed_body_is_never_sent_twice, another_registry_has_another_connection);

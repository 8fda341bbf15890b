#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "upstream_fixture.h"

/* Answers every request with 200 and "hello". */
static void say_hello(struct fake_connection *connection)
{
	while (fake_read_head(connection))
		fake_say(connection, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
}

/* Answers every request with its own head as the body. */
static void echo_head(struct fake_connection *connection)
{
	const char *head;

	while ((head = fake_read_head(connection))) {
		char answer[128];

		snprintf(answer, sizeof(answer), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n",
		    strlen(head));
		fake_say(connection, answer);
		fake_say(connection, head);
	}
}

static const char *sent_head(
    struct fixture *fixture, const char *method, const char *target, struct str *ret)
{
	_cleanup_(transfer_finishp) struct transfer *transfer =
	    fixture_begin(fixture, method, target, 0);

	ck_assert_int_eq(transfer_await_head(transfer, clock_mono_ms() + FIXTURE_WAIT_MS), 0);
	str_clear(ret);
	ck_assert_int_eq(fixture_read(transfer, ret), 0);
	return str_text(ret);
}

START_TEST(sends_target_and_fields_as_they_are)
{
	_cleanup_str_ struct str head = {};
	struct fixture f;

	fixture_start(&f, echo_head, false);
	ck_assert_int_eq(headers_add(&f.headers, "X-Twice", "1"), 0);
	ck_assert_int_eq(headers_add(&f.headers, "accept", "a/b, c/d"), 0);
	ck_assert_int_eq(headers_add(&f.headers, "X-Empty", ""), 0);
	ck_assert_int_eq(headers_add(&f.headers, "X-Twice", "2;a: b"), 0);
	ck_assert_str_eq(sent_head(&f, "GET", "/v2/a/../%2e%2F/./b?x=%zz&y=#z", &head),
	    "GET /v2/a/../%2e%2F/./b?x=%zz&y=#z HTTP/1.1\r\n"
	    "Host: " FIXTURE_HOST "\r\n"
	    "X-Twice: 1\r\naccept: a/b, c/d\r\nX-Empty:\r\nX-Twice: 2;a: b\r\n"
	    "Authorization: Basic c2VjcmV0\r\n\r");
	fixture_stop(&f);
}
END_TEST

START_TEST(says_that_there_is_no_body_where_one_could_be)
{
	_cleanup_str_ struct str head = {};
	struct fixture f;

	fixture_start(&f, echo_head, false);
	ck_assert_str_eq(sent_head(&f, "POST", "/v2/a/blobs/uploads/", &head),
	    "POST /v2/a/blobs/uploads/ HTTP/1.1\r\nHost: " FIXTURE_HOST "\r\n"
	    "Authorization: Basic c2VjcmV0\r\nContent-Length: 0\r\n\r");
	ck_assert_str_eq(sent_head(&f, "DELETE", "/v2/", &head),
	    "DELETE /v2/ HTTP/1.1\r\nHost: " FIXTURE_HOST "\r\n"
	    "Authorization: Basic c2VjcmV0\r\n\r");
	fixture_stop(&f);
}
END_TEST

static void ask_ten_times(bool with_tls)
{
	struct fixture f;

	fixture_start(&f, say_hello, with_tls);
	for (int i = 0; i < 10; i++) {
		_cleanup_str_ struct str body = {};

		ck_assert_uint_eq(fixture_get(&f, "GET", &body), 200);
		ck_assert_str_eq(str_text(&body), "hello");
	}
	ck_assert_int_eq(f.server.connections, 1);
	ck_assert_int_eq(f.server.requests, 10);
	fixture_stop(&f);
}

START_TEST(one_connection_serves_ten)
{
	ask_ten_times(false);
}
END_TEST

START_TEST(one_tls_connection_serves_ten)
{
	ask_ten_times(true);
}
END_TEST

enum { THREADS = 64, ROUNDS = 8 };

/* Each thread does all kinds of exchange on the one upstream. */
static void *exchange_often(void *arg)
{
	struct fixture *f = arg;

	for (int i = 0; i < ROUNDS; i++) {
		_cleanup_(transfer_finishp) struct transfer *transfer = NULL;
		_cleanup_str_ struct str body = {};

		ck_assert_uint_eq(fixture_get(f, i % 2 ? "HEAD" : "GET", NULL), 200);
		if (i % 4)
			continue;
		transfer = fixture_begin(f, "PATCH", "/v2/a", 5);
		ck_assert_int_eq(transfer_send(transfer, "hello", 5, INT64_MAX), 0);
		ck_assert_int_eq(
		    transfer_await_head(transfer, clock_mono_ms() + FIXTURE_WAIT_MS), 0);
		ck_assert_int_eq(fixture_read(transfer, &body), 0);
		ck_assert_str_eq(str_text(&body), "hello");
	}
	return NULL;
}

static void answer_all(struct fake_connection *connection)
{
	const char *head;

	while ((head = fake_read_head(connection))) {
		bool is_head = strncmp(head, "HEAD", 4) == 0;

		if (strncmp(head, "PATCH", 5) == 0)
			fake_skip(connection, 5);
		fake_say(connection, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
		if (!is_head)
			fake_say(connection, "hello");
	}
}

static void exchange_by_many(bool with_tls)
{
	pthread_t threads[THREADS];
	struct fixture f;

	fixture_start(&f, answer_all, with_tls);
	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, exchange_often, &f), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	ck_assert_int_eq(f.server.requests, THREADS * (ROUNDS + ROUNDS / 4));
	/* A body each, and what its first exchange needed. */
	ck_assert_int_le(f.server.connections, THREADS * (ROUNDS / 4 + 1));
	fixture_stop(&f);
}

START_TEST(many_threads_share_it)
{
	exchange_by_many(false);
	exchange_by_many(true);
}
END_TEST

UNIT(upstream, sends_target_and_fields_as_they_are, says_that_there_is_no_body_where_one_could_be,
    one_connection_serves_ten, one_tls_connection_serves_ten, many_threads_share_it);

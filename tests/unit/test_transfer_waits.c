/* Every wait of a transfer ends: by the daemon's stop or a deadline. */
#include "unit.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "limits.h"
#include "upstream_fixture.h"

enum { SOON_MS = 50, MIB = 1024 * 1024 };

static void hang(struct fake_connection *connection)
{
	fake_read_head(connection);
	fake_hang(connection);
}

/* Reads the head and then nothing, so that the windows fill. */
static void read_nothing(struct fake_connection *connection)
{
	fake_read_head(connection);
	while (!connection->server->quit)
		usleep(1000);
}

static void give_some_and_hang(struct fake_connection *connection)
{
	if (!fake_read_head(connection))
		return;
	fake_say(connection, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello");
	fake_hang(connection);
}

/* Set when only the wait is left that a test is about. */
static atomic_bool waits_now;

/* Of the waits for a body. */
static int64_t deadline_ms = INT64_MAX;

static void *stop_soon(void *arg)
{
	struct fixture *f = arg;

	while (!waits_now)
		usleep(1000);
	usleep(SOON_MS * 1000);
	stop_now(&f->stop);
	return NULL;
}

static int send_until_it_fails(struct transfer *transfer)
{
	static const char block[256 * 1024];
	int r = 0;

	waits_now = true;
	for (int i = 0; i < 256 && r == 0; i++)
		r = transfer_send(transfer, block, sizeof(block), deadline_ms);
	return r;
}

static int await_head(struct transfer *transfer)
{
	waits_now = true;
	return transfer_await_head(transfer, clock_mono_ms() + FIXTURE_WAIT_MS);
}

static int read_until_it_fails(struct transfer *transfer)
{
	ssize_t n;
	char octet;

	ck_assert_int_eq(transfer_await_head(transfer, clock_mono_ms() + FIXTURE_WAIT_MS), 0);
	waits_now = true;
	do
		n = transfer_read(transfer, &octet, 1, deadline_ms);
	while (n > 0);
	return (int)n;
}

struct wait {
	const char *method;
	int64_t body_length;
	fake_script *script;
	int (*run)(struct transfer *transfer);
};

static const struct wait waits[] = {
    {"PATCH", -1, read_nothing, send_until_it_fails},
    {"PATCH", 256 * MIB, read_nothing, send_until_it_fails},
    {"GET", 0, hang, await_head},
    {"GET", 0, give_some_and_hang, read_until_it_fails},
};

static void check_stop(const struct wait *wait, bool with_tls)
{
	struct transfer *transfer;
	struct fixture f;
	pthread_t stopper;
	int64_t start;

	waits_now = false;
	fixture_start(&f, wait->script, with_tls);
	transfer = fixture_begin(&f, wait->method, "/v2/a", wait->body_length);
	start = clock_mono_ms();
	ck_assert_int_eq(pthread_create(&stopper, NULL, stop_soon, &f), 0);
	ck_assert_int_eq(wait->run(transfer), -EIO);
	ck_assert_int_eq(transfer_failure(transfer), TRANSFER_STOPPED);
	ck_assert_int_lt(clock_mono_ms() - start, 5000);
	pthread_join(stopper, NULL);
	transfer_finish(transfer);
	fixture_stop(&f);
}

START_TEST(stop_ends_every_wait)
{
	for (size_t i = 0; i < sizeof(waits) / sizeof(*waits); i++) {
		check_stop(&waits[i], false);
		check_stop(&waits[i], true);
	}
}
END_TEST

static void hang_at_once(struct fake_connection *connection)
{
	fake_hang(connection);
}

START_TEST(stop_ends_a_handshake)
{
	struct transfer *transfer;
	struct fixture f;
	pthread_t stopper;

	waits_now = false;
	fixture_start(&f, hang_at_once, false);
	f.registry.dial.tls = true;
	transfer = fixture_begin(&f, "PATCH", "/v2/a", -1);
	ck_assert_int_eq(pthread_create(&stopper, NULL, stop_soon, &f), 0);
	ck_assert_int_eq(send_until_it_fails(transfer), -EIO);
	ck_assert_int_eq(transfer_failure(transfer), TRANSFER_STOPPED);
	pthread_join(stopper, NULL);
	transfer_finish(transfer);
	fixture_stop(&f);
}
END_TEST

static void check_stall(const struct wait *wait, bool with_tls)
{
	struct transfer *transfer;
	struct fixture f;

	fixture_start(&f, wait->script, with_tls);
	f.upstream->stall_ms = SOON_MS;
	transfer = fixture_begin(&f, wait->method, "/v2/a", wait->body_length);
	ck_assert_int_eq(wait->run(transfer), -EIO);
	ck_assert_int_eq(transfer_failure(transfer), TRANSFER_TIMEOUT);
	transfer_finish(transfer);
	fixture_stop(&f);
}

START_TEST(a_stall_ends_either_way)
{
	for (int with_tls = 0; with_tls < 2; with_tls++) {
		check_stall(&waits[0], with_tls);
		check_stall(&waits[1], with_tls);
		check_stall(&waits[3], with_tls);
	}
}
END_TEST

START_TEST(the_head_has_a_deadline)
{
	struct transfer *transfer;
	struct fixture f;
	int64_t start;

	fixture_start(&f, hang, false);
	transfer = fixture_begin(&f, "GET", "/v2/", 0);
	start = clock_mono_ms();
	ck_assert_int_eq(transfer_await_head(transfer, start + SOON_MS), -EIO);
	ck_assert_int_eq(transfer_failure(transfer), TRANSFER_TIMEOUT);
	ck_assert_int_ge(clock_mono_ms() - start, SOON_MS);
	transfer_finish(transfer);
	fixture_stop(&f);
}
END_TEST

/* Of a wait with a deadline that comes long before a stall would end it. */
static void check_deadline(const struct wait *wait)
{
	int64_t start = clock_mono_ms();
	struct transfer *transfer;
	struct fixture f;

	deadline_ms = start + SOON_MS;
	fixture_start(&f, wait->script, false);
	transfer = fixture_begin(&f, wait->method, "/v2/a", wait->body_length);
	ck_assert_int_eq(wait->run(transfer), -EIO);
	ck_assert_int_eq(transfer_failure(transfer), TRANSFER_TIMEOUT);
	ck_assert_int_lt(clock_mono_ms() - start, LIMIT_STALL_MS / 2);
	transfer_finish(transfer);
	fixture_stop(&f);
}

START_TEST(the_bodies_have_a_deadline)
{
	check_deadline(&waits[0]);
	check_deadline(&waits[1]);
	check_deadline(&waits[3]);
	deadline_ms = INT64_MAX;
}
END_TEST

static void give_slowly(struct fake_connection *connection)
{
	if (!fake_read_head(connection))
		return;
	fake_say(connection, "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n");
	for (int i = 0; i < 20; i++) {
		usleep(2 * SOON_MS * 1000);
		fake_say(connection, "x");
	}
}

START_TEST(slow_is_not_stalled)
{
	_cleanup_str_ struct str body = {};
	struct fixture f;

	fixture_start(&f, give_slowly, false);
	f.upstream->stall_ms = 30 * SOON_MS; /* of 40: a busy machine has gaps of its own */
	ck_assert_uint_eq(fixture_get(&f, "GET", &body), 200);
	ck_assert_uint_eq(body.len, 20);
	fixture_stop(&f);
}
END_TEST

/* Between two calls the client is what we wait for: that time is not the upstream's. */
START_TEST(our_own_pauses_do_not_count)
{
	_cleanup_str_ struct str body = {};
	struct transfer *transfer;
	struct fixture f;
	char octet;

	fixture_start(&f, give_slowly, false);
	f.upstream->stall_ms = 30 * SOON_MS; /* of 40: a busy machine has gaps of its own */
	transfer = fixture_begin(&f, "GET", "/v2/", 0);
	ck_assert_int_eq(await_head(transfer), 0);
	ck_assert_int_eq(transfer_read(transfer, &octet, 1, INT64_MAX), 1);
	usleep(35 * SOON_MS * 1000);
	ck_assert_int_eq(fixture_read(transfer, &body), 0);
	ck_assert_uint_eq(body.len, 19);
	transfer_finish(transfer);
	fixture_stop(&f);
}
END_TEST

UNIT(transfer_waits, stop_ends_every_wait, stop_ends_a_handshake, a_stall_ends_either_way,
    the_head_has_a_deadline, the_bodies_have_a_deadline, slow_is_not_stalled,
    our_own_pauses_do_not_count);

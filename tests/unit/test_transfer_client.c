/* The client is watched while its answer is awaited, and nothing it sends is touched. */
#include "unit.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "upstream_fixture.h"

enum { SOON_MS = 50 };

static void hang(struct fake_connection *connection)
{
	fake_read_head(connection);
	fake_hang(connection);
}

static int await_head(struct transfer *transfer)
{
	return transfer_await_head(transfer, clock_mono_ms() + FIXTURE_WAIT_MS);
}

/* A client's connection: fds[0] is ours, fds[1] the client's end. */
static void connect_client(int fds[2])
{
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
}

static struct transfer *begin_for(struct fixture *f, int client_fd)
{
	struct transfer_request request = {
	    .registry = &f->registry,
	    .method = "GET",
	    .target = "/v2/",
	    .headers = &f->headers,
	    .client_fd = client_fd,
	};
	struct transfer *transfer = NULL;

	ck_assert_int_eq(transfer_begin(f->upstream, &request, &transfer), 0);
	return transfer;
}

static void *close_soon(void *fd)
{
	usleep(SOON_MS * 1000);
	close(*(int *)fd);
	return NULL;
}

START_TEST(a_client_that_leaves_ends_the_wait)
{
	struct transfer *transfer;
	struct fixture f;
	pthread_t closer;
	int fds[2];

	connect_client(fds);
	fixture_start(&f, hang, false);
	transfer = begin_for(&f, fds[0]);
	ck_assert_int_eq(pthread_create(&closer, NULL, close_soon, &fds[1]), 0);
	ck_assert_int_eq(await_head(transfer), -EIO);
	ck_assert_int_eq(transfer_failure(transfer), TRANSFER_CLIENT_LEFT);
	pthread_join(closer, NULL);
	transfer_finish(transfer);
	close(fds[0]);
	fixture_stop(&f);
}
END_TEST

static void answer_late(struct fake_connection *connection)
{
	if (!fake_read_head(connection))
		return;
	usleep(SOON_MS * 1000);
	fake_say(connection, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
}

START_TEST(a_pipelined_request_is_left_alone)
{
	struct transfer *transfer;
	struct fixture f;
	char octets[3];
	int fds[2];

	connect_client(fds);
	ck_assert_int_eq(write(fds[1], "GET", 3), 3);
	fixture_start(&f, answer_late, false);
	transfer = begin_for(&f, fds[0]);
	ck_assert_int_eq(await_head(transfer), 0);
	ck_assert_int_eq(read(fds[0], octets, 3), 3);
	transfer_finish(transfer);
	close(fds[0]);
	close(fds[1]);
	fixture_stop(&f);
}
END_TEST

UNIT(transfer_client, a_client_that_leaves_ends_the_wait, a_pipelined_request_is_left_alone);

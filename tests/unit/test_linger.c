#include "unit.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "limits.h"
#include "linger.h"

static void *linger_and_close(void *fd)
{
	linger(*(int *)fd);
	close(*(int *)fd);
	return NULL;
}

START_TEST(reads_on_until_the_other_side_has_ended)
{
	static char block[1 << 20];
	pthread_t thread;
	int pair[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	pthread_create(&thread, NULL, linger_and_close, &pair[0]);
	ck_assert_int_eq(recv(pair[1], block, 1, 0), 0);
	for (size_t sent = 0; sent < sizeof(block);) {
		ssize_t n = send(pair[1], block, sizeof(block) - sent, MSG_NOSIGNAL);

		ck_assert_int_gt(n, 0);
		sent += (size_t)n;
	}
	shutdown(pair[1], SHUT_WR);
	pthread_join(thread, NULL);
}
END_TEST

START_TEST(gives_up_on_one_that_never_ends)
{
	int64_t began = clock_mono_ms();
	int pair[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	linger(pair[0]);
	ck_assert_int_ge(clock_mono_ms() - began, LIMIT_LINGER_MS);
	ck_assert_int_lt(clock_mono_ms() - began, 5 * LIMIT_LINGER_MS);
}
END_TEST

UNIT(linger, reads_on_until_the_other_side_has_ended, gives_up_on_one_that_never_ends);

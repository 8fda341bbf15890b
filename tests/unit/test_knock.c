#include "http_fixture.h"

#include "door.h"
#include "knock.h"

enum { SOON_MS = 50 };

START_TEST(a_door_answers)
{
	_cleanup_(http_server_stopp) struct http_server *server = server_of(10, 30);
	struct door *door = NULL;
	int fds[3];

	ck_assert_int_eq(listener_open("127.0.0.1:0", false, &fds[0], NULL), 0);
	ck_assert_int_eq(listener_open("[::1]:0", false, &fds[1], NULL), 0);
	ck_assert_int_eq(listener_open("0.0.0.0:0", true, &fds[2], NULL), 0);
	ck_assert_int_eq(door_open(fds, 3, server, &door, NULL), 0);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(knock(fds[i], clock_mono_ms() + PATIENCE_MS), 0);
	ck_assert_uint_eq(atomic_load(&seen.opened), 0);
	door_close(door);
}
END_TEST

START_TEST(nobody_opens)
{
	_cleanup_(closep) int fd = -1;
	int64_t start_ms = clock_mono_ms();

	/* The kernel takes the connection, and there it stays. */
	ck_assert_int_eq(listener_open("127.0.0.1:0", false, &fd, NULL), 0);
	ck_assert_int_eq(knock(fd, start_ms + SOON_MS), -ETIMEDOUT);
	ck_assert_int_ge(clock_mono_ms() - start_ms, SOON_MS);
	ck_assert_int_eq(knock(-1, start_ms + SOON_MS), -EBADF);
}
END_TEST

static void *answer_otherwise(void *listening)
{
	int fd = *(int *)listening, client;

	poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, PATIENCE_MS);
	client = accept(fd, NULL, NULL);
	ck_assert_int_eq(send(client, "220 hello", 9, 0), 9);
	shutdown(client, SHUT_WR);
	while (recv(client, &(char){0}, 1, 0) > 0)
		;
	close(client);
	return NULL;
}

START_TEST(another_program_answers)
{
	_cleanup_(closep) int fd = -1;
	pthread_t other;

	ck_assert_int_eq(listener_open("127.0.0.1:0", false, &fd, NULL), 0);
	pthread_create(&other, NULL, answer_otherwise, &fd);
	ck_assert_int_eq(knock(fd, clock_mono_ms() + PATIENCE_MS), -EPROTO);
	pthread_join(other, NULL);
}
END_TEST

START_TEST(nobody_listens_any_more)
{
	_cleanup_(closep) int fd = -1;

	ck_assert_int_eq(listener_open("127.0.0.1:0", false, &fd, NULL), 0);
	shutdown(fd, SHUT_RDWR);
	ck_assert_int_eq(knock(fd, clock_mono_ms() + PATIENCE_MS), -ECONNREFUSED);
}
END_TEST

UNIT(knock, a_door_answers, nobody_opens, another_program_answers, nobody_listens_any_more);

#include "http_fixture.h"
#include "stderr_fixture.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "door.h"
#include "log.h"

#define GET "GET /echo-close HTTP/1.1\r\nHost: x\r\n\r\n"

/* The first flight of `openssl s_client`: record header, then the handshake. */
static const char client_hello[] = "\x16\x03\x01\x00\x2f\x01\x00\x00\x2b\x03\x03"
				   "0123456789abcdef0123456789abcdef\x00\x00\x02\x13\x01\x01\x00";

static struct door *door_of(struct http_server *server, int *ret_v4, int *ret_v6)
{
	struct door *door = NULL;
	int fds[2];

	ck_assert_int_eq(listener_open("127.0.0.1:0", false, &fds[0], NULL), 0);
	ck_assert_int_eq(listener_open("[::1]:0", false, &fds[1], NULL), 0);
	*ret_v4 = listener_port(fds[0]);
	*ret_v6 = listener_port(fds[1]);
	ck_assert_int_eq(door_open(fds, 2, server, &door, NULL), 0);
	return door;
}

static int knock(int port)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

static int knock_v6(int port)
{
	struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
	int fd = socket(AF_INET6, SOCK_STREAM, 0);

	to.sin6_addr = in6addr_loopback;
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

START_TEST(lets_in_on_every_listener)
{
	_cleanup_(http_server_stopp) struct http_server *server = server_of(10, 30);
	int v4, v6;
	_cleanup_(door_closep) struct door *door = door_of(server, &v4, &v6);
	int fds[] = {knock(v4), knock_v6(v6)};

	for (int i = 0; i < 2; i++) {
		_cleanup_(freep) char *answer = NULL;

		say(fds[i], GET);
		answer = hear_until(fds[i], NULL);
		ck_assert(begins(answer, "HTTP/1.1 200 "));
		close(fds[i]);
	}
}
END_TEST

START_TEST(a_first_octet_may_come_late_and_alone)
{
	_cleanup_(http_server_stopp) struct http_server *server = server_of(10, 30);
	int v4, v6;
	_cleanup_(door_closep) struct door *door = door_of(server, &v4, &v6);
	_cleanup_(closep) int fd = knock(v4);
	_cleanup_(freep) char *answer = NULL;

	for (size_t i = 0; i < strlen(GET); i++) {
		poll(NULL, 0, i ? 1 : 100);
		send_bytes(fd, GET + i, 1);
	}
	answer = hear_until(fd, NULL);
	ck_assert(begins(answer, "HTTP/1.1 200 "));
}
END_TEST

START_TEST(tls_is_answered_in_http_without_a_reset)
{
	_cleanup_(http_server_stopp) struct http_server *server = server_of(10, 30);
	int v4, v6;
	_cleanup_(door_closep) struct door *door = door_of(server, &v4, &v6);

	for (int i = 0; i < 50; i++) {
		_cleanup_(closep) int fd = knock(v4);
		_cleanup_(freep) char *answer = NULL;

		send_bytes(fd, client_hello, sizeof(client_hello) - 1);
		answer = hear_until(fd, NULL);
		ck_assert(begins(answer, "HTTP/1.1 400 Bad Request\r\n"));
		ck_assert_ptr_nonnull(strstr(answer, "plain HTTP"));
		for (int n = 0; n < 8; n++)
			ck_assert(send_bytes(fd, client_hello, sizeof(client_hello)));
	}
	ck_assert_int_eq(seen.opened, 0);
}
END_TEST

START_TEST(who_stays_after_its_refusal_is_shown_out)
{
	_cleanup_(http_server_stopp) struct http_server *server = server_of(10, 30);
	int v4, v6;
	_cleanup_(door_closep) struct door *door = door_of(server, &v4, &v6);
	_cleanup_(closep) int fd = knock(v4);

	say(fd, "\x16");
	free(hear_until(fd, NULL));
	/* Our end is still open: sooner or later writing to it fails. */
	await(send(fd, "x", 1, MSG_NOSIGNAL) < 0);
}
END_TEST

START_TEST(one_too_many_is_told_to_come_again)
{
	_cleanup_(http_server_stopp) struct http_server *server = server_of(1, 30);
	int v4, v6;
	_cleanup_(door_closep) struct door *door = door_of(server, &v4, &v6);
	_cleanup_(closep) int first = knock(v4);
	_cleanup_(closep) int second = knock(v4);
	_cleanup_(freep) char *answer = NULL;

	say(first, "GET /echo HTTP/1.1\r\nHost: x\r\n\r\n");
	free(hear_until(first, "\r\n\r\n"));
	say(second, GET);
	answer = hear_until(second, NULL);
	ck_assert(begins(answer, "HTTP/1.1 504 Gateway Timeout\r\n"));
	ck_assert_ptr_nonnull(strstr(answer, "{\"errors\":[{\"code\":\"TOOMANYREQUESTS\""));
}
END_TEST

START_TEST(silent_guests_do_not_shut_out_one_that_speaks)
{
	_cleanup_(http_server_stopp) struct http_server *server = NULL;
	struct rlimit files = {8192, 8192};
	struct door *door;
	static int silent[1500];
	char octet;
	int v4, v6, fd;

	setrlimit(RLIMIT_NOFILE, &files);
	server = server_of(10, 30);
	door = door_of(server, &v4, &v6);
	for (int i = 0; i < 1500; i++)
		silent[i] = knock(v4);
	/* The first ones had to make room for the last ones. */
	ck_assert_int_eq(recv(silent[0], &octet, 1, 0), 0);
	fd = knock(v4);
	say(fd, GET);
	free(hear_until(fd, "HTTP/1.1 200 "));
	close(fd);
	door_close(door);
	for (int i = 0; i < 1500; i++)
		close(silent[i]);
}
END_TEST

static int64_t cpu_ms(void)
{
	struct timespec used;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	return used.tv_sec * 1000 + used.tv_nsec / 1000000;
}

/* The client is another process: only the door's descriptors run out. */
START_TEST(without_descriptors_it_waits_and_goes_on)
{
	_cleanup_(http_server_stopp) struct http_server *server = server_of(100, 30);
	int v4, v6, status;
	_cleanup_(door_closep) struct door *door = door_of(server, &v4, &v6);
	struct rlimit few = {0, 4096}, enough = {4096, 4096};
	int64_t before;
	pid_t child;

	stderr_take_over();
	few.rlim_cur = (rlim_t)dup(0);
	close((int)few.rlim_cur);
	setrlimit(RLIMIT_NOFILE, &few);
	child = fork();
	if (child == 0) {
		int fd;

		setrlimit(RLIMIT_NOFILE, &enough);
		fd = knock(v4);
		say(fd, GET);
		_exit(begins(hear_until(fd, NULL), "HTTP/1.1 200 ") ? 0 : 1);
	}
	ck_assert_uint_eq(count_of(stderr_read(), "cannot accept clients"), 1);
	before = cpu_ms();
	poll(NULL, 0, 500);
	ck_assert_int_lt(cpu_ms() - before, 100);
	setrlimit(RLIMIT_NOFILE, &enough);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	fcntl(stderr_pipe[0], F_SETFL, O_NONBLOCK);
	ck_assert_str_eq(stderr_read(), "");
}
END_TEST

UNIT(door, lets_in_on_every_listener, a_first_octet_may_come_late_and_alone,
    tls_is_answered_in_http_without_a_reset, who_stays_after_its_refusal_is_shown_out,
    one_too_many_is_told_to_come_again, silent_guests_do_not_shut_out_one_that_speaks,
    without_descriptors_it_waits_and_goes_on);

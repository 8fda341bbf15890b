#include "unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "cleanup.h"
#include "listener.h"

START_TEST(a_free_port_on_either_loopback)
{
	_cleanup_(closep) int v4 = -1;
	_cleanup_(closep) int v6 = -1;

	ck_assert_int_eq(listener_open("127.0.0.1:0", false, &v4, NULL), 0);
	ck_assert_int_eq(listener_open("[::1]:0", false, &v6, NULL), 0);
	ck_assert_int_gt(listener_port(v4), 0);
	ck_assert_int_gt(listener_port(v6), 0);
	ck_assert_int_eq(listener_port(-1), -EBADF);
}
END_TEST

START_TEST(one_port_on_both_families)
{
	_cleanup_(closep) int v4 = -1;
	_cleanup_(closep) int v6 = -1;
	char address[32];

	ck_assert_int_eq(listener_open("0.0.0.0:0", true, &v4, NULL), 0);
	snprintf(address, sizeof(address), "[::]:%d", listener_port(v4));
	ck_assert_int_eq(listener_open(address, true, &v6, NULL), 0);
	ck_assert_int_eq(listener_port(v6), listener_port(v4));
}
END_TEST

START_TEST(beyond_loopback_only_when_told)
{
	const char *open[] = {
	    "0.0.0.0:0", "[::]:0", "10.1.2.3:0", "[2001:db8::1]:0", "[::ffff:127.0.0.1]:0"};
	_cleanup_(closep) int fd = -1;
	struct err e;

	for (size_t i = 0; i < sizeof(open) / sizeof(*open); i++) {
		ck_assert_int_eq(listener_open(open[i], false, &fd, &e), -EPERM);
		ck_assert_ptr_nonnull(strstr(e.text, "--unsafe-listen"));
		ck_assert_int_eq(fd, -1);
	}
	ck_assert_int_eq(listener_open("127.9.9.9:0", false, &fd, NULL), 0);
	ck_assert_int_eq(listener_check("192.0.2.1:1", false, NULL), -EPERM);
	ck_assert_int_eq(listener_check("192.0.2.1:1", true, NULL), 0);
}
END_TEST

START_TEST(what_is_no_address)
{
	const char *bad[] = {"", "5100", ":5100", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536",
	    "127.0.0.1:-1", "127.0.0.1:+1", "127.0.0.1: 1", "127.0.0.1:1x", "::1:5100", "[::1]5100",
	    "[::1]", "[::1:5100", "[127.0.0.1]:1", "localhost:5100", "127.1:5100", "[::1]:5100 ",
	    "127.0.0.1:000080", "http://127.0.0.1:5100"};
	int fd = -7;
	struct err e;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		ck_assert_msg(listener_open(bad[i], true, &fd, &e) == -EINVAL, "%s", bad[i]);
		ck_assert_int_eq(listener_check(bad[i], true, NULL), -EINVAL);
		ck_assert_ptr_nonnull(strstr(e.text, "127.0.0.1:5100"));
	}
	ck_assert_int_eq(fd, -7);
}
END_TEST

START_TEST(a_taken_address_names_the_remedy)
{
	_cleanup_(closep) int first = -1;
	int second = -7;
	char address[32];
	struct err e;

	ck_assert_int_eq(listener_open("127.0.0.1:0", false, &first, NULL), 0);
	snprintf(address, sizeof(address), "127.0.0.1:%d", listener_port(first));
	ck_assert_int_eq(listener_open(address, false, &second, &e), -EADDRINUSE);
	ck_assert_ptr_nonnull(strstr(e.text, "address in use"));
	ck_assert_ptr_nonnull(strstr(e.text, address));
	ck_assert_int_eq(listener_open("192.0.2.1:0", true, &second, &e), -EADDRNOTAVAIL);
	ck_assert_int_eq(second, -7);
}
END_TEST

START_TEST(adopts_what_listens)
{
	_cleanup_(closep) int fd = socket(AF_INET6, SOCK_STREAM, 0);
	struct sockaddr_in6 at = {.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback};
	char text[ADDRESS_TEXT_SIZE], wanted[ADDRESS_TEXT_SIZE];

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	ck_assert_int_eq(listen(fd, 1), 0);
	ck_assert_int_eq(listener_adopt(fd, false, text, NULL), 0);
	snprintf(wanted, sizeof(wanted), "[::1]:%d", listener_port(fd));
	ck_assert_str_eq(text, wanted);
	ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
	ck_assert_int_eq(fcntl(fd, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
	ck_assert(listener_is_at(fd, wanted));
	snprintf(wanted, sizeof(wanted), "[0:0::1]:%d", listener_port(fd));
	ck_assert(listener_is_at(fd, wanted));
}
END_TEST

static void refuses(int fd, const char *word)
{
	char text[ADDRESS_TEXT_SIZE] = "as before";
	struct err e = {};

	ck_assert_int_eq(listener_adopt(fd, true, text, &e), -EPROTOTYPE);
	ck_assert_msg(strstr(e.text, word) != NULL, "%s", e.text);
	ck_assert_str_eq(text, "as before");
	close(fd);
}

START_TEST(adopts_nothing_else)
{
	_cleanup_(closep) int listening = -1;
	int pair[2], client;
	struct sockaddr_in at = {.sin_family = AF_INET};

	refuses(-1, "no socket");
	refuses(open("/dev/null", O_RDONLY), "no socket");
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	close(pair[1]);
	refuses(pair[0], "a Unix socket");
	refuses(socket(AF_NETLINK, SOCK_RAW, 0), "no socket of IP");
	refuses(socket(AF_INET, SOCK_DGRAM, 0), "not a socket of TCP");

	ck_assert_int_eq(listener_open("127.0.0.1:0", false, &listening, NULL), 0);
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	at.sin_port = htons((uint16_t)listener_port(listening));
	client = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(connect(client, (struct sockaddr *)&at, sizeof(at)), 0);
	refuses(client, "Accept=yes");
}
END_TEST

START_TEST(adopts_beyond_loopback_only_when_told)
{
	_cleanup_(closep) int fd = -1;
	char text[ADDRESS_TEXT_SIZE];
	struct err e;

	ck_assert_int_eq(listener_open("0.0.0.0:0", true, &fd, NULL), 0);
	ck_assert_int_eq(listener_adopt(fd, false, text, &e), -EPERM);
	ck_assert_ptr_nonnull(strstr(e.text, "0.0.0.0:"));
	ck_assert_ptr_nonnull(strstr(e.text, "unsafe_listen"));
	ck_assert_int_eq(listener_adopt(fd, true, text, NULL), 0);
}
END_TEST

START_TEST(knows_where_it_listens)
{
	_cleanup_(closep) int fd = -1;
	char address[32];

	ck_assert_int_eq(listener_open("127.0.0.1:0", false, &fd, NULL), 0);
	snprintf(address, sizeof(address), "127.0.0.1:%d", listener_port(fd));
	ck_assert(listener_is_at(fd, address));
	ck_assert(!listener_is_at(-1, address));
	ck_assert(!listener_is_at(fd, "x"));
	snprintf(address, sizeof(address), "127.0.0.2:%d", listener_port(fd));
	ck_assert(!listener_is_at(fd, address));
	snprintf(address, sizeof(address), "[::1]:%d", listener_port(fd));
	ck_assert(!listener_is_at(fd, address));
	snprintf(address, sizeof(address), "127.0.0.1:%d", listener_port(fd) ^ 1);
	ck_assert(!listener_is_at(fd, address));
}
END_TEST

UNIT(listener, adopts_what_listens, adopts_nothing_else, adopts_beyond_loopback_only_when_told,
    knows_where_it_listens, a_free_port_on_either_loopback, one_port_on_both_families,
    beyond_loopback_only_when_told, what_is_no_address, a_taken_address_names_the_remedy);

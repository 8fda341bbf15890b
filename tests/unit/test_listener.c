#include "unit.h"

#include <errno.h>
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

UNIT(listener, a_free_port_on_either_loopback, one_port_on_both_families,
    beyond_loopback_only_when_told, what_is_no_address, a_taken_address_names_the_remedy);

#include "unit.h"

#include <errno.h>
#include <string.h>

#include "passed_sockets.h"

enum { SELF = 4711 };

static const char *fds, *pid, *names;

static const char *environment(const char *name)
{
	if (!strcmp(name, "LISTEN_FDS"))
		return fds;
	if (!strcmp(name, "LISTEN_PID"))
		return pid;
	return strcmp(name, "LISTEN_FDNAMES") ? NULL : names;
}

static int take(const char *of_fds, const char *of_pid, const char *of_names,
    struct passed_sockets *ret, struct err *e)
{
	fds = of_fds;
	pid = of_pid;
	names = of_names;
	return passed_sockets_read(environment, SELF, ret, e);
}

START_TEST(from_three_on)
{
	struct passed_sockets got;

	ck_assert_int_eq(take("2", "4711", NULL, &got, NULL), 0);
	ck_assert_uint_eq(got.len, 2);
	ck_assert_int_eq(got.items[0].fd, 3);
	ck_assert_int_eq(got.items[1].fd, 4);
	ck_assert(!got.items[0].admin && !got.items[1].admin);
	ck_assert_int_eq(take("0", "4711", NULL, &got, NULL), 0);
	ck_assert_uint_eq(got.len, 0);
}
END_TEST

START_TEST(by_name)
{
	struct passed_sockets got;
	const bool admin[] = {false, true, false, false, false, true, false};

	ck_assert_int_eq(
	    take("7", "4711", "ecr-upsertd.socket:admin::administrator:adm:admin", &got, NULL), 0);
	ck_assert_uint_eq(got.len, 7);
	for (size_t i = 0; i < got.len; i++)
		ck_assert_msg(got.items[i].admin == admin[i], "socket %zu", i);
}
END_TEST

START_TEST(none_of_ours)
{
	const char *others[] = {NULL, "", "4712", "x", "4711 ", "-4711", "99999999999999999999"};
	struct passed_sockets got;

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		ck_assert_int_eq(take("1", others[i], "admin", &got, NULL), 0);
		ck_assert_msg(got.len == 0, "LISTEN_PID %s", others[i]);
	}
	ck_assert_int_eq(take(NULL, "4711", NULL, &got, NULL), 0);
	ck_assert_uint_eq(got.len, 0);
}
END_TEST

START_TEST(what_is_no_number)
{
	const char *bad[] = {"", "x", "-1", "1x", " 1", "65", "99999999999999999999"};
	struct passed_sockets got;
	struct err e;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		ck_assert_msg(take(bad[i], "4711", NULL, &got, &e) == -EINVAL, "%s", bad[i]);
		ck_assert_ptr_nonnull(strstr(e.text, "LISTEN_FDS"));
		ck_assert_uint_eq(got.len, 0);
	}
	ck_assert_int_eq(take("64", "4711", NULL, &got, NULL), 0);
	ck_assert_uint_eq(got.len, PASSED_SOCKETS_MAX);
}
END_TEST

UNIT(passed_sockets, from_three_on, by_name, none_of_ours, what_is_no_number);

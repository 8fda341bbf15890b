#include "unit.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "notify.h"

enum { SELF = 4711 };

static const char *socket_name, *watchdog_us, *watchdog_pid;

static const char *environment(const char *name)
{
	if (!strcmp(name, "NOTIFY_SOCKET"))
		return socket_name;
	if (!strcmp(name, "WATCHDOG_USEC"))
		return watchdog_us;
	return strcmp(name, "WATCHDOG_PID") ? NULL : watchdog_pid;
}

/* A manager's socket; len: of the name, NUL not counted. */
static int manager(const char *name, size_t len)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	memcpy(address.sun_path, name, len);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address,
			     (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)),
	    0);
	return fd;
}

static void hears(int fd, const char *wanted)
{
	char text[256] = "";

	ck_assert_int_eq(recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT), (ssize_t)strlen(wanted));
	ck_assert_str_eq(text, wanted);
}

START_TEST(tells_a_socket_with_a_path)
{
	struct notify notify;
	char folder[] = "/tmp/notify-XXXXXX", path[64];
	int fd;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/socket", folder);
	socket_name = path;
	fd = manager(path, strlen(path));
	notify_init(&notify, environment, SELF);
	ck_assert_int_eq(notify_send(&notify, "READY=1\nSTATUS=%d transfers", 2), 0);
	hears(fd, "READY=1\nSTATUS=2 transfers");
	close(fd);
	ck_assert_int_eq(notify_send(&notify, "STOPPING=1"), -ECONNREFUSED);
	unlink(path);
	ck_assert_int_eq(notify_send(&notify, "STOPPING=1"), -ENOENT);
	rmdir(folder);
}
END_TEST

START_TEST(tells_an_abstract_socket)
{
	struct notify notify;
	char name[64];
	int fd, len;

	len = snprintf(name, sizeof(name), "@ecr-upsertd-test-%ld", (long)getpid());
	socket_name = name;
	notify_init(&notify, environment, SELF);
	name[0] = '\0';
	fd = manager(name, (size_t)len);
	ck_assert_int_eq(notify_send(&notify, "READY=1"), 0);
	hears(fd, "READY=1");
	close(fd);
}
END_TEST

START_TEST(a_name_may_fill_the_address)
{
	struct notify notify;
	char name[sizeof(notify.address.sun_path) + 2];

	memset(name, 'a', sizeof(name));
	name[0] = '/';
	name[sizeof(name) - 2] = '\0';
	socket_name = name;
	notify_init(&notify, environment, SELF);
	ck_assert_uint_eq(notify.address_len, sizeof(notify.address));
	name[sizeof(name) - 2] = 'a';
	name[sizeof(name) - 1] = '\0';
	notify_init(&notify, environment, SELF);
	ck_assert_uint_eq(notify.address_len, 0);
}
END_TEST

START_TEST(without_a_manager_nothing_is_said)
{
	const char *none[] = {NULL, "", "/", "@", "vsock:2:1", "run/notify"};
	struct notify notify;

	watchdog_us = "60000000";
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++) {
		socket_name = none[i];
		notify_init(&notify, environment, SELF);
		ck_assert_int_eq(notify_send(&notify, "READY=1"), 0);
		ck_assert_int_eq(notify.watchdog_ms, 0);
	}
	watchdog_us = NULL;
}
END_TEST

START_TEST(how_often_the_watchdog_wants_to_hear)
{
	const struct {
		const char *us, *pid;
		int64_t ms;
	} cases[] = {
	    {"60000000", NULL, 60000},
	    {"60000000", "4711", 60000},
	    {"1500", "4711", 1},
	    {"60000000", "4712", 0},
	    {"60000000", "", 0},
	    {"60000000", "4711x", 0},
	    {NULL, "4711", 0},
	    {"", NULL, 0},
	    {"-1", NULL, 0},
	    {" 1000", NULL, 0},
	    {"1000s", NULL, 0},
	    {"99999999999999999999", NULL, 0},
	};
	struct notify notify;

	socket_name = "/run/x";
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		watchdog_us = cases[i].us;
		watchdog_pid = cases[i].pid;
		notify_init(&notify, environment, SELF);
		ck_assert_msg(notify.watchdog_ms == cases[i].ms, "case %zu", i);
	}
}
END_TEST

UNIT(notify, tells_a_socket_with_a_path, tells_an_abstract_socket, a_name_may_fill_the_address,
    without_a_manager_nothing_is_said, how_often_the_watchdog_wants_to_hear);

#include "unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "peer_owner.h"

/* Numbers that nobody has; root alone can become them. */
enum { SOMEBODY = 54321, ANYBODY = 54322, OWN_LOOPBACK = 0x7f4d0102 };

static int listening;
static struct sockaddr_in at;
static int pipes[2];

static void begin(void)
{
	socklen_t len = sizeof(at);

	at = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	listening = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(bind(listening, (struct sockaddr *)&at, len), 0);
	ck_assert_int_eq(listen(listening, 8), 0);
	ck_assert_int_eq(getsockname(listening, (struct sockaddr *)&at, &len), 0);
	ck_assert_int_eq(pipe(pipes), 0);
}

static int dial_v4(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	ck_assert_int_eq(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	return fd;
}

/* What Java and Node do: one kind of socket for both families. */
static int dial_mapped(void)
{
	struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_port = at.sin_port};
	int fd = socket(AF_INET6, SOCK_STREAM, 0);

	ck_assert_int_eq(inet_pton(AF_INET6, "::ffff:127.0.0.1", &to.sin6_addr), 1);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

/* A client of its own user that stays until the pipe ends. */
static pid_t client_as(uid_t uid, int (*dial)(void))
{
	pid_t child = fork();
	char octet;

	if (child)
		return child;
	if (setuid(uid) < 0)
		_exit(1);
	dial();
	close(pipes[1]);
	_exit(read(pipes[0], &octet, 1) == 0 ? 0 : 1);
}

static void end(pid_t child)
{
	int status;

	close(pipes[1]);
	if (child)
		ck_assert_int_eq(waitpid(child, &status, 0), child);
	close(pipes[0]);
	close(listening);
}

static void finds(int (*dial)(void))
{
	uid_t mine = getuid(), wanted = mine == 0 ? SOMEBODY : mine, found = ANYBODY;
	pid_t child;
	int fd;

	begin();
	child = client_as(wanted, dial);
	fd = accept(listening, NULL, NULL);
	ck_assert_int_eq(peer_owner(fd, &found), 0);
	ck_assert_uint_eq(found, wanted);
	close(fd);
	end(child);
}

START_TEST(finds_who_dialled)
{
	finds(dial_v4);
}
END_TEST

START_TEST(finds_who_dialled_a_mapped_address)
{
	finds(dial_mapped);
}
END_TEST

START_TEST(finds_who_dialled_ipv6)
{
	struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback};
	socklen_t len = sizeof(to);
	int server = socket(AF_INET6, SOCK_STREAM, 0), client = socket(AF_INET6, SOCK_STREAM, 0);
	uid_t found = ANYBODY;
	int fd;

	ck_assert_int_eq(bind(server, (struct sockaddr *)&to, len), 0);
	ck_assert_int_eq(listen(server, 1), 0);
	ck_assert_int_eq(getsockname(server, (struct sockaddr *)&to, &len), 0);
	if (getuid() == 0)
		ck_assert_int_eq(fchown(client, SOMEBODY, -1), 0);
	ck_assert_int_eq(connect(client, (struct sockaddr *)&to, len), 0);
	fd = accept(server, NULL, NULL);
	ck_assert_int_eq(peer_owner(fd, &found), 0);
	ck_assert_uint_eq(found, getuid() == 0 ? SOMEBODY : getuid());
	close(fd);
	close(client);
	close(server);
}
END_TEST

START_TEST(a_closed_socket_is_nobodys)
{
	uid_t found = ANYBODY;
	int client, fd;

	begin();
	client = dial_v4();
	fd = accept(listening, NULL, NULL);
	/* Its end waits for ours, without a process. */
	close(client);
	ck_assert_int_eq(peer_owner(fd, &found), -ENOENT);
	ck_assert_uint_eq(found, ANYBODY);
	close(fd);
	end(0);
}
END_TEST

/* Ours waits to be closed while theirs is gone, and somebody listens where it was. */
START_TEST(a_listener_in_its_place_is_not_it)
{
	int client = socket(AF_INET, SOCK_STREAM, 0), other = socket(AF_INET, SOCK_STREAM, 0);
	/* An address where no other program's connection has the same port. */
	struct sockaddr_in was = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(OWN_LOOPBACK)};
	int gone_s = 1, fd;
	socklen_t len = sizeof(was);
	uid_t found = ANYBODY;

	begin();
	ck_assert_int_eq(bind(client, (struct sockaddr *)&was, len), 0);
	ck_assert_int_eq(connect(client, (struct sockaddr *)&at, sizeof(at)), 0);
	fd = accept(listening, NULL, NULL);
	ck_assert_int_eq(getsockname(client, (struct sockaddr *)&was, &len), 0);
	setsockopt(client, IPPROTO_TCP, TCP_LINGER2, &gone_s, sizeof(gone_s));
	close(client);
	while (bind(other, (struct sockaddr *)&was, len) < 0)
		poll(NULL, 0, 20);
	ck_assert_int_eq(listen(other, 1), 0);
	ck_assert_int_eq(peer_owner(fd, &found), -ENOENT);
	ck_assert_uint_eq(found, ANYBODY);
	close(other);
	close(fd);
	end(0);
}
END_TEST

START_TEST(what_is_no_connection_has_no_owner)
{
	uid_t found = ANYBODY;
	int pair[2];

	ck_assert_int_eq(peer_owner(-1, &found), -EBADF);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	ck_assert_int_eq(peer_owner(pair[0], &found), -EAFNOSUPPORT);
	close(pair[0]);
	close(pair[1]);
	ck_assert_uint_eq(found, ANYBODY);
}
END_TEST

START_TEST(asks_through_one_that_is_passed)
{
	struct {
		struct nlmsghdr head;
		struct inet_diag_req_v2 body;
	} stale = {.head = {.nlmsg_len = sizeof(stale),
		       .nlmsg_type = SOCK_DIAG_BY_FAMILY,
		       .nlmsg_flags = NLM_F_REQUEST,
		       .nlmsg_seq = 1}};
	int netlink = socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG);

	/* Nobody took the answer to this one. */
	ck_assert_int_eq(send(netlink, &stale, sizeof(stale), 0), sizeof(stale));
	ck_assert_int_eq(peer_owner_ask_through(netlink), 0);
	ck_assert_int_eq(fcntl(netlink, F_GETFD), FD_CLOEXEC);
	finds(dial_v4);
	finds(dial_mapped);
	/* It is that one: without it nothing is found. */
	dup2(open("/dev/null", O_RDONLY), netlink);
	begin();
	dial_v4();
	ck_assert_int_eq(peer_owner(accept(listening, NULL, NULL), &(uid_t){0}), -ENOTSOCK);
	end(0);
}
END_TEST

START_TEST(asks_through_no_other_kind)
{
	ck_assert_int_eq(peer_owner_ask_through(-1), -EPROTOTYPE);
	ck_assert_int_eq(
	    peer_owner_ask_through(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE)), -EPROTOTYPE);
	ck_assert_int_eq(peer_owner_ask_through(socket(AF_UNIX, SOCK_STREAM, 0)), -EPROTOTYPE);
	ck_assert_int_eq(peer_owner_ask_through(socket(AF_INET, SOCK_STREAM, 0)), -EPROTOTYPE);
	finds(dial_v4);
}
END_TEST

UNIT(peer_owner, asks_through_one_that_is_passed, asks_through_no_other_kind, finds_who_dialled,
    finds_who_dialled_a_mapped_address, finds_who_dialled_ipv6, a_closed_socket_is_nobodys,
    a_listener_in_its_place_is_not_it, what_is_no_connection_has_no_owner);

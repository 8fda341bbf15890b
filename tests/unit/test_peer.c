#include "unit.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "peer.h"

/* Connects to itself and names the far end of the accepted socket. */
static void name_of_own_peer(int family, char ret[static PEER_TEXT_SIZE], unsigned *ret_port)
{
	struct sockaddr_storage address = {.ss_family = (sa_family_t)family};
	socklen_t len =
	    family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
	int listening = socket(family, SOCK_STREAM, 0), client = socket(family, SOCK_STREAM, 0), fd;

	if (family == AF_INET)
		((struct sockaddr_in *)&address)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else
		((struct sockaddr_in6 *)&address)->sin6_addr = in6addr_loopback;
	ck_assert_int_eq(bind(listening, (struct sockaddr *)&address, len), 0);
	ck_assert_int_eq(listen(listening, 1), 0);
	ck_assert_int_eq(getsockname(listening, (struct sockaddr *)&address, &len), 0);
	ck_assert_int_eq(connect(client, (struct sockaddr *)&address, len), 0);
	fd = accept(listening, NULL, NULL);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(getsockname(client, (struct sockaddr *)&address, &len), 0);
	*ret_port = ntohs(((struct sockaddr_in *)&address)->sin_port);
	peer_name(fd, ret);
	close(fd);
	close(client);
	close(listening);
}

START_TEST(names_an_ipv4_client)
{
	char name[PEER_TEXT_SIZE], expected[PEER_TEXT_SIZE];
	unsigned port;

	name_of_own_peer(AF_INET, name, &port);
	snprintf(expected, sizeof(expected), "127.0.0.1:%u", port);
	ck_assert_str_eq(name, expected);
}
END_TEST

START_TEST(names_an_ipv6_client)
{
	char name[PEER_TEXT_SIZE], expected[PEER_TEXT_SIZE];
	unsigned port;

	name_of_own_peer(AF_INET6, name, &port);
	snprintf(expected, sizeof(expected), "[::1]:%u", port);
	ck_assert_str_eq(name, expected);
}
END_TEST

START_TEST(one_leaves_with_octets_unread)
{
	int pair[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	ck_assert(!peer_has_left(pair[0]));
	ck_assert_int_eq(write(pair[1], "x", 1), 1);
	ck_assert(!peer_has_left(pair[0]));
	close(pair[1]);
	ck_assert(peer_has_left(pair[0]));
}
END_TEST

START_TEST(no_socket_has_no_name)
{
	char name[PEER_TEXT_SIZE];

	memset(name, 'x', sizeof(name));
	peer_name(-1, name);
	ck_assert_str_eq(name, "");
}
END_TEST

UNIT(peer, one_leaves_with_octets_unread, names_an_ipv4_client, names_an_ipv6_client,
    no_socket_has_no_name);

#include "unit.h"

#include <string.h>

#include "own_host.h"

static const char *const names[] = {"registry.local", "[fd00::1]", NULL};
static const char *const more[] = {"other.local:8443", NULL};

static bool ours(const char *authority, unsigned port)
{
	struct gate_hosts hosts = {.names = names, .more = more, .port = port};

	return own_host(&hosts, authority, strlen(authority));
}

START_TEST(takes_loopback_with_the_port)
{
	static const char *const hosts[] = {"localhost:5100", "LocalHost:5100", "127.0.0.1:5100",
	    "127.1.2.3:5100", "[::1]:5100", "[0:0:0:0:0:0:0:1]:5100", "registry.local",
	    "Registry.Local:5100", "other.local:8443", "[fd00::1]:5100", "[FD00::1]"};

	for (size_t i = 0; i < sizeof(hosts) / sizeof(*hosts); i++)
		ck_assert_msg(ours(hosts[i], 5100), "%s", hosts[i]);
}
END_TEST

START_TEST(refuses_foreign_ones)
{
	static const char *const hosts[] = {"", "localhost", "127.0.0.1", "[::1]",
	    "localhost:", "localhost:80", "localhost:05100", "localhost:51000", "localhost:5100 ",
	    " localhost:5100", "localhost:+5100", "localhost.:5100", "xlocalhost:5100",
	    "localhost:5100:5100", "localhost.evil.example:5100", "evil.example",
	    "evil.example:5100", "127.0.0.1.evil:5100", "127.1:5100", "128.0.0.1:5100",
	    "127.0.0.01:5100", "2130706433:5100", "0x7f.0.0.1:5100", "0.0.0.0:5100",
	    "10.0.0.1:5100", "::1:5100", "[::1:5100", "[::1]x:5100", "[::1]5100", "[::2]:5100",
	    "[::]:5100", "[::ffff:127.0.0.1]:5100", "[127.0.0.1]:5100", "[localhost]:5100",
	    "[::1%25lo]:5100", "user@localhost:5100", "localhost:5100@evil.example",
	    "localhost/:5100", "registry.local:80", "registry.local:8443", "other.local",
	    "other.local:5100", "[fd00::1]:80", "[fd00::1", "[", "[]:5100", "[fd00::2]:5100"};

	for (size_t i = 0; i < sizeof(hosts) / sizeof(*hosts); i++)
		ck_assert_msg(!ours(hosts[i], 5100), "%s", hosts[i]);
}
END_TEST

START_TEST(port_80_may_be_left_out)
{
	ck_assert(ours("localhost", 80));
	ck_assert(ours("localhost:80", 80));
	ck_assert(ours("127.0.0.1", 80));
	ck_assert(ours("[::1]", 80));
	ck_assert(!ours("[::2]", 80));
	ck_assert(!ours("evil.example", 80));
	ck_assert(!ours("localhost:5100", 80));
}
END_TEST

START_TEST(needs_no_names)
{
	struct gate_hosts hosts = {.port = 5100};
	char longer[1000];

	memset(longer, 'a', sizeof(longer));
	ck_assert(own_host(&hosts, "localhost:5100x", 14));
	ck_assert(!own_host(&hosts, "registry.local", 14));
	ck_assert(!own_host(&hosts, longer, sizeof(longer)));
	ck_assert(!own_host(&hosts, "x", 0));
	hosts.names = (const char *const[]){"x", longer, NULL};
	longer[262] = '\0';
	ck_assert(own_host(&hosts, "x", 1));
	ck_assert(own_host(&hosts, longer, 262));
	ck_assert(!own_host(&hosts, "localhost:5100\0", 15));
}
END_TEST

UNIT(own_host, takes_loopback_with_the_port, refuses_foreign_ones, port_80_may_be_left_out,
    needs_no_names);

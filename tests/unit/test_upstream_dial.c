/* Where an upstream connects to: the given address, the real registry, or a proxy before it. */
#include "unit.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "limits.h"
#include "upstream_fixture.h"

static char proxy_saw[1024];

static void refuse_to_connect(struct fake_connection *connection)
{
	const char *head = fake_read_head(connection);

	snprintf(proxy_saw, sizeof(proxy_saw), "%s", head ? head : "");
	fake_say(connection, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
}

static void set_proxy(struct fixture *f)
{
	char url[64];

	snprintf(url, sizeof(url), "http://127.0.0.1:%u", f->server.port);
	setenv("HTTPS_PROXY", url, 1);
	setenv("http_proxy", url, 1);
	unsetenv("NO_PROXY");
	unsetenv("no_proxy");
}

START_TEST(the_real_registry_is_behind_the_proxy)
{
	static char host[] = FIXTURE_HOST;
	struct fixture f;
	struct err e = {};

	fixture_start(&f, refuse_to_connect, false);
	set_proxy(&f);
	f.registry.dial = (struct endpoint){.tls = true, .host = host, .port = 443};
	ck_assert_int_eq(fixture_failure(&f, &e), TRANSFER_CONNECT);
	ck_assert_ptr_nonnull(strstr(e.text, "403"));
	ck_assert_ptr_eq(strstr(proxy_saw, "CONNECT " FIXTURE_HOST ":443 HTTP/1.1\r\n"), proxy_saw);
	/* The token is not for the proxy's eyes. */
	ck_assert_ptr_null(strstr(proxy_saw, "Authorization"));
	fixture_stop(&f);
}
END_TEST

START_TEST(an_address_that_was_set_is_not)
{
	struct fixture f;
	struct err e = {};

	for (int with_tls = 0; with_tls < 2; with_tls++) {
		fixture_start(&f, refuse_to_connect, false);
		set_proxy(&f);
		f.registry.dial.tls = with_tls;
		f.registry.dial.port = 1; /* tcpmux: nobody listens */
		ck_assert_int_eq(fixture_failure(&f, &e), TRANSFER_CONNECT);
		ck_assert_ptr_nonnull(strstr(e.text, "127.0.0.1 port 1"));
		ck_assert_int_eq(f.server.connections, 0);
		fixture_stop(&f);
	}
}
END_TEST

START_TEST(an_address_may_be_v6)
{
	static char address[] = "::1";
	struct fixture f;
	struct err e = {};

	fixture_start(&f, refuse_to_connect, false);
	f.registry.dial = (struct endpoint){.host = address, .port = 1};
	ck_assert_int_eq(fixture_failure(&f, &e), TRANSFER_CONNECT);
	ck_assert_ptr_nonnull(strstr(e.text, "::1 port 1"));
	fixture_stop(&f);
}
END_TEST

static void serve_one(struct fake_connection *connection)
{
	if (fake_read_head(connection))
		fake_say(connection,
		    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello");
}

START_TEST(tls_sessions_are_resumed_over_slots)
{
	struct fixture f;

	fixture_start(&f, serve_one, true);
	for (int i = 0; i < 4; i++)
		ck_assert_uint_eq(fixture_get(&f, "GET", NULL), 200);
	ck_assert_int_eq(f.server.connections, 4);
	ck_assert_int_eq(f.server.resumed, 3);
	fixture_stop(&f);
}
END_TEST

static void serve_all(struct fake_connection *connection)
{
	while (fake_read_head(connection))
		fake_say(connection, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
}

START_TEST(idle_connections_are_closed_in_time)
{
	struct fixture f;

	fixture_start(&f, serve_all, false);
	ck_assert_uint_eq(fixture_get(&f, "GET", NULL), 200);
	upstream_close_idle(f.upstream, clock_mono_ms());
	ck_assert_ptr_nonnull(f.upstream->pool.idle);
	upstream_close_idle(f.upstream, clock_mono_ms() + LIMIT_UPSTREAM_IDLE_S * 1000);
	ck_assert_ptr_null(f.upstream->pool.idle);
	fixture_stop(&f);
}
END_TEST

UNIT(upstream_dial, the_real_registry_is_behind_the_proxy, an_address_that_was_set_is_not,
    an_address_may_be_v6, tls_sessions_are_resumed_over_slots, idle_connections_are_closed_in_time);

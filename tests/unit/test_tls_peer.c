#include "tls_peer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "fake_pki.h"
#include "fake_server.h"
#include "unit.h"

enum { WAIT_MS = 20 * 1000, SOON_MS = 200 };

struct fixture {
	struct stop stop;
	struct fetcher fetcher;
	struct fake_pki pki, other;
	struct fake_server server;
	struct tls_peer peer;
	char url[64];
	struct err e;
};

static void start(
    struct fixture *f, fake_script *script, const struct fake_pki *issuer, long lives_s)
{
	ck_assert_int_eq(stop_init(&f->stop), 0);
	f->fetcher.stop = &f->stop;
	ck_assert_int_eq(tls_new(f->pki.ca_path, &f->fetcher.tls, &f->e), 0);
	fake_server_start(
	    &f->server, script, f, issuer ? fake_pki_issue(issuer, "localhost", lives_s) : NULL);
	snprintf(f->url, sizeof(f->url), "https://localhost:%u", f->server.port);
}

static int look(struct fixture *f, int64_t ms)
{
	return tls_peer_look(&f->fetcher, f->url, NULL, clock_mono_ms() + ms, &f->peer, &f->e);
}

static void finish(struct fixture *f)
{
	fake_server_stop(&f->server);
	tls_free(f->fetcher.tls);
	fake_pki_finish(&f->pki);
	fake_pki_finish(&f->other);
	stop_finish(&f->stop);
}

static void make(struct fixture *f)
{
	*f = (struct fixture){};
	fake_pki_init(&f->pki);
	fake_pki_init(&f->other);
}

/* Whatever comes behind the handshake would be a request. */
static void count_octets(struct fake_connection *connection)
{
	char octet;

	if (fake_read(connection, &octet, 1) > 0)
		connection->server->requests++;
}

START_TEST(trusted)
{
	struct fixture f;

	make(&f);
	start(&f, count_octets, &f.pki, 3600);
	ck_assert_int_eq(look(&f, WAIT_MS), 0);
	ck_assert(f.peer.trusted);
	finish(&f);
	ck_assert_int_eq(f.server.requests, 0);
}
END_TEST

START_TEST(at_another_address)
{
	struct fixture f;
	char address[] = "127.0.0.1";
	struct endpoint dial = {.tls = true, .host = address};
	int64_t deadline_ms = clock_mono_ms() + WAIT_MS;

	make(&f);
	start(&f, count_octets, &f.pki, 3600);
	dial.port = f.server.port;
	ck_assert_int_eq(
	    tls_peer_look(&f.fetcher, "https://localhost", &dial, deadline_ms, &f.peer, &f.e), 0);
	ck_assert(f.peer.trusted);
	ck_assert_int_eq(
	    tls_peer_look(&f.fetcher, "https://other.test", &dial, deadline_ms, &f.peer, &f.e), 0);
	ck_assert(!f.peer.trusted);
	ck_assert_ptr_nonnull(strstr(f.e.text, "something else answers"));
	finish(&f);
}
END_TEST

START_TEST(somebody_elses_ca)
{
	struct fixture f;

	make(&f);
	start(&f, count_octets, &f.other, 3600);
	ck_assert_int_eq(look(&f, WAIT_MS), 0);
	ck_assert(!f.peer.trusted);
	ck_assert_ptr_nonnull(strstr(f.peer.subject, "localhost"));
	ck_assert_ptr_nonnull(strstr(f.peer.issuer, "CN"));
	ck_assert_ptr_nonnull(strstr(f.e.text, "AWS_CA_BUNDLE"));
	finish(&f);
	ck_assert_int_eq(f.server.requests, 0);
}
END_TEST

START_TEST(expired)
{
	struct fixture f;

	make(&f);
	start(&f, count_octets, &f.pki, -60);
	ck_assert_int_eq(look(&f, WAIT_MS), 0);
	ck_assert(!f.peer.trusted);
	ck_assert_ptr_nonnull(strstr(f.e.text, "expired"));
	ck_assert_ptr_nonnull(strstr(f.peer.until, "GMT"));
	finish(&f);
}
END_TEST

START_TEST(no_tls)
{
	struct fixture f;

	make(&f);
	start(&f, count_octets, NULL, 0);
	fake_server_stop(&f.server);
	ck_assert_int_eq(look(&f, WAIT_MS), -ECONNREFUSED);
	fake_server_start(&f.server, fake_hang, &f, NULL);
	snprintf(f.url, sizeof(f.url), "https://localhost:%u", f.server.port);
	ck_assert_int_lt(look(&f, SOON_MS), 0);
	ck_assert_ptr_nonnull(strstr(f.e.text, "localhost"));
	finish(&f);
}
END_TEST

UNIT(tls_peer, trusted, at_another_address, somebody_elses_ca, expired, no_tls);

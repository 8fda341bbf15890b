#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "upstream_fixture.h"

enum { MIB = 1024 * 1024 };

/* A script that says what the test gave, and closes. */
static const char *text;

static void say_text(struct fake_connection *connection)
{
	if (fake_read_head(connection))
		fake_say(connection, text);
}

static void say_text_and_reset(struct fake_connection *connection)
{
	say_text(connection);
	fake_reset(connection);
}

static void say_text_and_hang(struct fake_connection *connection)
{
	say_text(connection);
	fake_hang(connection);
}

static void check_failure(
    fake_script *script, const char *answer, bool with_tls, enum transfer_failure expected)
{
	enum transfer_failure failure;
	struct fixture f;
	struct err e = {};

	text = answer;
	fixture_start(&f, script, with_tls);
	f.upstream->stall_ms = 100;
	failure = fixture_failure(&f, &e);
	if (failure != expected)
		ck_abort_msg("%s (%s) for \"%s\"", transfer_failure_name(failure), e.text, answer);
	ck_assert_ptr_eq(strstr(e.text, FIXTURE_HOST ": "), e.text);
	ck_assert_ptr_null(strstr(e.text, "c2VjcmV0"));
	ck_assert_ptr_null(f.upstream->pool.idle);
	fixture_stop(&f);
}

START_TEST(no_byte_of_an_answer)
{
	check_failure(say_text, "", false, TRANSFER_NO_BYTE);
	check_failure(say_text_and_reset, "", false, TRANSFER_NO_BYTE);
	check_failure(say_text, "", true, TRANSFER_NO_BYTE);
	check_failure(say_text_and_reset, "", true, TRANSFER_NO_BYTE);
}
END_TEST

START_TEST(cut_in_the_head)
{
	check_failure(say_text, "HTTP/1.1 200 OK\r\nContent-Le", false, TRANSFER_CUT);
	check_failure(say_text_and_reset, "HTTP/1.1 200 OK\r\nContent-Le", false, TRANSFER_CUT);
	check_failure(say_text, "HTTP/1.1 200 OK\r\nContent-Le", true, TRANSFER_CUT);
}
END_TEST

START_TEST(cut_in_a_sized_body)
{
	const char *answer = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello";

	check_failure(say_text, answer, false, TRANSFER_CUT);
	check_failure(say_text_and_reset, answer, false, TRANSFER_CUT);
	check_failure(say_text, answer, true, TRANSFER_CUT);
}
END_TEST

START_TEST(cut_in_a_chunked_body)
{
	check_failure(say_text,
	    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", false,
	    TRANSFER_CUT);
	check_failure(say_text, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
	    false, TRANSFER_CUT);
	check_failure(say_text,
	    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n", false,
	    TRANSFER_CUT);
	check_failure(say_text, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", false,
	    TRANSFER_CUT);
}
END_TEST

START_TEST(stalled_in_a_body)
{
	check_failure(say_text_and_hang, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello",
	    false, TRANSFER_TIMEOUT);
	check_failure(say_text_and_hang, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello", true,
	    TRANSFER_TIMEOUT);
}
END_TEST

START_TEST(malformed_heads)
{
	static const char *const answers[] = {
	    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
	    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
	    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nhello",
	    "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nhello",
	    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, identity\r\n\r\nhello",
	    "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
	    "HTTP/1.1 200 OK\r\nX-A: one\r\n two\r\nContent-Length: 0\r\n\r\n",
	    "HTTP/1.1 200 OK\r\nX-A: a\rb\r\nContent-Length: 0\r\n\r\n",
	    "HTTP/1.1 200 OK\r\nno colon\r\nContent-Length: 0\r\n\r\n",
	    "hello\r\n\r\n",
	    "SSH-2.0-OpenSSH_9.2\r\n",
	};

	for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++)
		check_failure(say_text_and_hang, answers[i], false, TRANSFER_MALFORMED);
}
END_TEST

static void say_long_line(struct fake_connection *connection)
{
	char letters[1024];

	memset(letters, 'a', sizeof(letters));
	if (fake_read_head(connection)) {
		fake_write(connection, "HTTP/1.1 200 OK\r\nX-A: ", 22);
		for (int i = 0; i < 200; i++)
			fake_write(connection, letters, sizeof(letters));
	}
	fake_hang(connection);
}

START_TEST(line_without_an_end)
{
	check_failure(say_long_line, "", false, TRANSFER_MALFORMED);
}
END_TEST

static void say_nul(struct fake_connection *connection)
{
	static const char answer[] = "HTTP/1.1 200 OK\r\nX-A: a\0b\r\nContent-Length: 0\r\n\r\n";

	if (fake_read_head(connection))
		fake_write(connection, answer, sizeof(answer) - 1);
	fake_hang(connection);
}

START_TEST(nul_in_a_head)
{
	check_failure(say_nul, "", false, TRANSFER_MALFORMED);
}
END_TEST

START_TEST(nobody_listens)
{
	struct fixture f;
	struct err e = {};

	fixture_start(&f, say_text, false);
	fake_server_stop(&f.server);
	ck_assert_int_eq(fixture_failure(&f, &e), TRANSFER_CONNECT);
	ck_assert_ptr_nonnull(strstr(e.text, "check the network"));
	fake_server_start(&f.server, say_text, NULL, NULL);
	fixture_stop(&f);
}
END_TEST

START_TEST(a_name_that_does_not_resolve)
{
	/* A label of 64 octets fails without a question to any server (RFC 1035 §2.3.4). */
	char name[80];
	struct fixture f;
	struct err e = {};

	snprintf(name, sizeof(name), "%064d.invalid", 0);
	fixture_start(&f, say_text, false);
	f.registry.dial.host = name;
	ck_assert_int_eq(fixture_failure(&f, &e), TRANSFER_CONNECT);
	ck_assert_ptr_nonnull(strstr(e.text, "check DNS"));
	fixture_stop(&f);
}
END_TEST

static void check_certificate(
    const char *name, long seconds, bool trusted, const char *why, const char *remedy)
{
	struct fake_pki other;
	struct fixture f;
	struct err e = {};

	fixture_start(&f, say_text, true);
	SSL_CTX_free(f.server.tls);
	fake_pki_init(&other);
	f.server.tls = fake_pki_issue(trusted ? &f.pki : &other, name, seconds);
	ck_assert_int_eq(fixture_failure(&f, &e), TRANSFER_CERTIFICATE);
	if (!strstr(e.text, why) || !strstr(e.text, remedy))
		ck_abort_msg("%s", e.text);
	fake_pki_finish(&other);
	fixture_stop(&f);
}

START_TEST(certificates_that_are_not_the_registrys)
{
	check_certificate("localhost", 3600, true, "subject name", "check DNS");
	check_certificate(FIXTURE_HOST, -60, true, "expired", "clock");
	check_certificate(
	    FIXTURE_HOST, 3600, false, "unable to get local issuer certificate", "AWS_CA_BUNDLE");
}
END_TEST

static void say_bad_request(struct fake_connection *connection)
{
	char octet;

	fake_read(connection, &octet, 1);
	fake_say(connection, "HTTP/1.1 400 Bad Request\r\n\r\n");
}

START_TEST(tls_to_a_plain_port)
{
	struct fixture f;
	struct err e = {};

	fixture_start(&f, say_bad_request, false);
	f.registry.dial.tls = true;
	ck_assert_int_eq(fixture_failure(&f, &e), TRANSFER_CERTIFICATE);
	ck_assert_ptr_nonnull(strstr(e.text, "speaks TLS"));
	fixture_stop(&f);
}
END_TEST

UNIT(transfer, no_byte_of_an_answer, cut_in_the_head, cut_in_a_sized_body, cut_in_a_chunked_body,
    stalled_in_a_body, malformed_heads, line_without_an_end, nul_in_a_head, nobody_listens,
    a_name_that_does_not_resolve, certificates_that_are_not_the_registrys, tls_to_a_plain_port);

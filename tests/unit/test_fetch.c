#include "unit.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "clock.h"
#include "fake_pki.h"
#include "fake_server.h"
#include "fetch.h"

enum { WAIT_MS = 20 * 1000, SOON_MS = 50 };

struct fixture {
	struct stop stop;
	struct fetcher fetcher;
	struct fake_pki pki;
	struct fake_server server;
	struct headers headers;
	struct fetch_request request;
	struct fetch_reply reply;
	char url[64];
	struct err e;
};

/* name: of the server's certificate, or NULL for plain HTTP; it is reached as "localhost". */
static void start(struct fixture *f, fake_script *script, const char *name, long seconds)
{
	*f = (struct fixture){};
	ck_assert_int_eq(stop_init(&f->stop), 0);
	fake_pki_init(&f->pki);
	fake_server_start(
	    &f->server, script, f, name ? fake_pki_issue(&f->pki, name, seconds) : NULL);
	f->fetcher.stop = &f->stop;
	ck_assert_int_eq(tls_new(f->pki.ca_path, &f->fetcher.tls, &f->e), 0);
	snprintf(f->url, sizeof(f->url), "%s://localhost:%u/a?b=c", name ? "https" : "http",
	    f->server.port);
	f->request = (struct fetch_request){.method = "POST",
	    .url = f->url,
	    .headers = &f->headers,
	    .body = "{}",
	    .body_len = 2,
	    .deadline_ms = clock_mono_ms() + WAIT_MS,
	    .max_body = 100};
}

static int run(struct fixture *f)
{
	return fetch(&f->fetcher, &f->request, &f->reply, &f->e);
}

static void finish(struct fixture *f)
{
	fetch_reply_finish(&f->reply);
	fake_server_stop(&f->server);
	tls_free(f->fetcher.tls);
	fake_pki_finish(&f->pki);
	headers_finish(&f->headers);
	stop_finish(&f->stop);
}

static void echo(struct fake_connection *connection)
{
	const char *head = fake_read_head(connection);

	if (!head)
		return;
	if (strstr(head, "Content-Length: 2"))
		fake_skip(connection, 2);
	fake_say(connection, "HTTP/1.1 400 Bad Request\r\nX-A: 1\r\nConnection: close\r\n\r\n");
	fake_say(connection, head);
}

static void check_sent(const char *method, const char *body, const char *expected)
{
	struct fixture f;

	start(&f, echo, "localhost", 3600);
	f.request.max_body = 10000;
	f.request.method = method;
	f.request.body = body;
	f.request.body_len = body ? strlen(body) : 0;
	ck_assert_int_eq(headers_add(&f.headers, "X-Amz-Target", "T"), 0);
	ck_assert_int_eq(headers_add(&f.headers, "Content-Type", "application/x"), 0);
	ck_assert_int_eq(headers_add(&f.headers, "X-Empty", ""), 0);
	if (run(&f) < 0)
		ck_abort_msg("%s", f.e.text);
	ck_assert_uint_eq(f.reply.status, 400);
	ck_assert_str_eq(headers_get(&f.reply.headers, "x-a"), "1");
	if (!strstr(str_text(&f.reply.body), expected))
		ck_abort_msg("%s", str_text(&f.reply.body));
	ck_assert_ptr_null(strstr(str_text(&f.reply.body), "Accept"));
	ck_assert_ptr_null(strstr(str_text(&f.reply.body), "User-Agent"));
	ck_assert_ptr_null(strstr(str_text(&f.reply.body), "Expect"));
	finish(&f);
}

START_TEST(sends_what_it_is_given)
{
	check_sent("POST", "{}",
	    "\r\nX-Amz-Target: T\r\nContent-Type: application/x\r\nX-Empty:\r\n"
	    "Content-Length: 2\r\n");
	check_sent("PUT", NULL, "Content-Length: 0\r\n");
	check_sent("GET", NULL, "GET /a?b=c HTTP/1.1\r\nHost: localhost:");
}
END_TEST

START_TEST(adds_no_content_type)
{
	struct fixture f;

	start(&f, echo, NULL, 0);
	f.request.max_body = 10000;
	ck_assert_int_eq(run(&f), 0);
	ck_assert_ptr_null(strstr(str_text(&f.reply.body), "Content-Type"));
	finish(&f);
}
END_TEST

static const char *text;

static void say_text(struct fake_connection *connection)
{
	if (fake_read_head(connection))
		fake_say(connection, text);
}

static void say_text_and_hang(struct fake_connection *connection)
{
	say_text(connection);
	fake_hang(connection);
}

static void check_error(
    fake_script *script, const char *name, long seconds, int expected, const char *words)
{
	struct fixture f;
	int r;

	start(&f, script, name, seconds);
	r = run(&f);
	if (r != expected || strncmp(f.e.text, "localhost: ", 11) != 0 || !strstr(f.e.text, words))
		ck_abort_msg("%d: %s", r, f.e.text);
	ck_assert_ptr_null(f.reply.body.data);
	finish(&f);
}

START_TEST(names_what_is_wrong_with_a_certificate)
{
	text = "";
	check_error(say_text, "other.example", 3600, -EPROTO, "check DNS and the endpoint");
	check_error(say_text, "localhost", -60, -EPROTO, "clock");
}
END_TEST

START_TEST(names_the_remedy_for_an_unknown_authority)
{
	struct fake_pki other;
	struct fixture f;

	start(&f, say_text, "localhost", 3600);
	tls_free(f.fetcher.tls);
	fake_pki_init(&other);
	ck_assert_int_eq(tls_new(other.ca_path, &f.fetcher.tls, &f.e), 0);
	ck_assert_int_eq(run(&f), -EPROTO);
	ck_assert_ptr_nonnull(strstr(f.e.text, "unable to get local issuer certificate"));
	ck_assert_ptr_nonnull(strstr(f.e.text, "AWS_CA_BUNDLE"));
	fake_pki_finish(&other);
	finish(&f);
}
END_TEST

START_TEST(refuses_what_must_not_be_read)
{
	text = "hello\r\n\r\n";
	check_error(say_text_and_hang, NULL, 0, -EPROTO, "HTTP/0.9");
	text = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxy";
	check_error(say_text_and_hang, NULL, 0, -EPROTO, "Content-Length");
	text = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello";
	check_error(say_text, NULL, 0, -EIO, "try again");
	text = "HTTP/1.1 200 OK\r\nContent-Le";
	check_error(say_text, NULL, 0, -EIO, "try again");
	text = "";
	check_error(say_text, NULL, 0, -EIO, "try again");
}
END_TEST

START_TEST(bounds_the_answer)
{
	struct fixture f;

	text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
	start(&f, say_text, NULL, 0);
	f.request.max_body = 5;
	ck_assert_int_eq(run(&f), 0);
	ck_assert_str_eq(str_text(&f.reply.body), "hello");
	fetch_reply_finish(&f.reply);
	f.reply = (struct fetch_reply){};
	f.request.max_body = 4;
	ck_assert_int_eq(run(&f), -EMSGSIZE);
	ck_assert_ptr_nonnull(strstr(f.e.text, "more than 4 octets"));
	finish(&f);
}
END_TEST

START_TEST(nobody_listens)
{
	struct fixture f;

	start(&f, say_text, NULL, 0);
	fake_server_stop(&f.server);
	ck_assert_int_eq(run(&f), -ECONNREFUSED);
	ck_assert_ptr_nonnull(strstr(f.e.text, "check the network"));
	fake_server_start(&f.server, say_text, NULL, NULL);
	finish(&f);
}
END_TEST

START_TEST(does_not_follow)
{
	struct fixture f;

	text = "HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n";
	start(&f, say_text, NULL, 0);
	ck_assert_int_eq(run(&f), 0);
	ck_assert_uint_eq(f.reply.status, 302);
	ck_assert_int_eq(f.server.requests, 1);
	finish(&f);
}
END_TEST

START_TEST(has_a_deadline)
{
	struct fixture f;
	int64_t before;

	start(&f, fake_hang, NULL, 0);
	before = clock_mono_ms();
	f.request.deadline_ms = before + SOON_MS;
	ck_assert_int_eq(run(&f), -ETIMEDOUT);
	ck_assert_int_ge(clock_mono_ms() - before, SOON_MS);
	ck_assert_ptr_nonnull(strstr(f.e.text, "localhost: no answer in time"));
	finish(&f);
}
END_TEST

static void *stop_soon(void *stop)
{
	usleep(SOON_MS * 1000);
	stop_now(stop);
	return NULL;
}

START_TEST(stop_ends_it)
{
	struct fixture f;
	pthread_t stopper;

	start(&f, fake_hang, "localhost", 3600);
	ck_assert_int_eq(pthread_create(&stopper, NULL, stop_soon, &f.stop), 0);
	ck_assert_int_eq(run(&f), -ECANCELED);
	pthread_join(stopper, NULL);
	finish(&f);
}
END_TEST

static void *answer_once(void *arg)
{
	static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
	int fd = accept(*(int *)arg, NULL, NULL);
	char head[4096];

	ck_assert_int_gt(read(fd, head, sizeof(head)), 0);
	ck_assert_int_eq(write(fd, answer, strlen(answer)), strlen(answer));
	close(fd);
	return NULL;
}

/* Whatever the URL says, which nobody looks up. */
START_TEST(connects_to_a_socket_in_the_file_system)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct fixture f;
	pthread_t thread;

	start(&f, echo, NULL, 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s.sock", f.pki.ca_path);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(listen(fd, 1), 0);
	ck_assert_int_eq(pthread_create(&thread, NULL, answer_once, &fd), 0);
	f.request.url = "http://docker.invalid/info";
	f.request.unix_socket = address.sun_path;
	ck_assert_int_eq(run(&f), 0);
	ck_assert_str_eq(str_text(&f.reply.body), "hi");
	pthread_join(thread, NULL);
	close(fd);
	unlink(address.sun_path);
	finish(&f);
}
END_TEST

UNIT(fetch, sends_what_it_is_given, adds_no_content_type, names_what_is_wrong_with_a_certificate,
    names_the_remedy_for_an_unknown_authority, refuses_what_must_not_be_read, bounds_the_answer,
    nobody_listens, does_not_follow, has_a_deadline, stop_ends_it,
    connects_to_a_socket_in_the_file_system);

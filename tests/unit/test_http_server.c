#include "http_fixture.h"

#include <dirent.h>
#include <sys/resource.h>

#include "http_head.h"

#define CLOSE " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

static size_t entries_of(const char *path)
{
	DIR *dir = opendir(path);
	size_t n = 0;

	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

START_TEST(a_body_by_length_and_by_chunks)
{
	_cleanup_(http_server_stopp) struct http_server *server = server_of(10, 30);
	_cleanup_(freep) char *sized =
	    ask(server, "POST /echo-close HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");
	_cleanup_(freep) char *chunked =
	    ask(server, "POST /echo-close HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
			"2\r\nhe\r\n3\r\nllo\r\n0\r\nTrailer: ignored\r\n\r\n");

	ck_assert_str_eq(strstr(sized, "\r\n\r\n"), "\r\n\r\nhello");
	ck_assert_str_eq(strstr(chunked, "\r\n\r\n"), "\r\n\r\nhello");
	ck_assert_int_eq(seen.ends, 2);
}
END_TEST

/* 1.0.1 would take the line feed after an extension for the chunk's first octet. */
START_TEST(a_chunks_extension_is_ignored_or_refused)
{
	_cleanup_(http_server_stopp) struct http_server *server = server_of(10, 30);
	_cleanup_(freep) char *answer =
	    ask(server, "POST /echo-close HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
			"2\r\nhe\r\n3;ext=1\r\nllo\r\n0\r\nTrailer: ignored\r\n folded\r\n\r\n");

	if (http_head_is_strict()) {
		ck_assert(begins(answer, "HTTP/1.1 400 "));
		ck_assert_int_eq(seen.ends, 0);
	} else
		ck_assert_str_eq(strstr(answer, "\r\n\r\n"), "\r\n\r\nhello");
}
END_TEST

START_TEST(a_trailer_is_never_a_request)
{
	_cleanup_(http_server_stopp) struct http_server *server = server_of(10, 30);
	const char *const ends[] = {"0\r\n", "0;ext=1\r\n"};

	for (unsigned i = 0; i < 2; i++) {
		_cleanup_(closep) int fd = client_of(server);

		say(fd, "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
		say(fd, ends[i]);
		say(fd, "GET /echo?: HTTP/1.1\r\nHost: x\r\n\r\n");
		shutdown(fd, SHUT_WR);
		free(hear_until(fd, NULL));
		await(atomic_load(&seen.dones) == i + 1);
		ck_assert_uint_eq(seen.heads, i + 1);
	}
}
END_TEST

START_TEST(a_large_body_passes_through)
{
	_cleanup_(http_server_stopp) struct http_server *server = server_of(10, 30);
	_cleanup_(closep) int fd = client_of(server);
	_cleanup_(freep) char *answer = NULL;
	static char block[1 << 20];

	say(fd, "PUT /sink HTTP/1.1\r\nHost: x\r\nContent-Length: 33554432\r\nConnection: "
		"close\r\n\r\n");
	for (int i = 0; i < 32; i++)
		send_bytes(fd, block, sizeof(block));
	answer = hear_until(fd, NULL);
	ck_assert(begins(answer, "HTTP/1.1 200 "));
	ck_assert_uint_eq(seen.body, 32 << 20);
}
END_TEST

START_TEST(the_target_stays_raw)
{
	_cleanup_(http_server_stopp) struct http_server *server = server_of(10, 30);
	_cleanup_(freep) char *answer = ask(server, "GET /a%2fb/%41?x=%20&y=1+2&&z#f" CLOSE);

	ck_assert_str_eq(seen.target, "/a%2fb/%41?x=%20&y=1+2&&z#f");
	ck_assert(seen.plain);
}
END_TEST

START_TEST(three_requests_in_one_send_are_answered_in_order)
{
	_cleanup_(http_server_stopp) struct http_server *server = server_of(10, 30);
	_cleanup_(freep) char *answers =
	    ask(server, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\none"
			"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
			"3\r\ntwo\r\n0\r\n\r\n"
			"POST /echo-close HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nthree");

	ck_assert_uint_eq(count_of(answers, "HTTP/1.1 200 OK\r\n"), 3);
	ck_assert_ptr_nonnull(strstr(answers, "\r\n\r\noneHTTP/1.1"));
	ck_assert_ptr_nonnull(strstr(answers, "\r\n\r\ntwoHTTP/1.1"));
	ck_assert_ptr_nonnull(strstr(answers, "\r\n\r\nthree"));
}
END_TEST

START_TEST(continue_is_granted_after_the_head)
{
	_cleanup_(http_server_stopp) struct http_server *server = server_of(10, 30);
	_cleanup_(closep) int fd = client_of(server);
	_cleanup_(freep) char *granted = NULL;
	_cleanup_(freep) char *answer = NULL;

	say(fd, "POST /echo-close HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: "
		"100-continue\r\n\r\n");
	granted = hear_until(fd, "\r\n\r\n");
	ck_assert_str_eq(granted, "HTTP/1.1 100 Continue\r\n\r\n");
	say(fd, "hi");
	answer = hear_until(fd, NULL);
	ck_assert_ptr_nonnull(strstr(answer, "\r\n\r\nhi"));
}
END_TEST

START_TEST(continue_is_not_sent_when_the_head_is_refused)
{
	_cleanup_(http_server_stopp) struct http_server *server = server_of(10, 30);
	_cleanup_(freep) char *answer =
	    ask(server, "POST /refuse HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: "
			"100-continue\r\n\r\n");

	ck_assert(begins(answer, "HTTP/1.1 403 "));
	ck_assert_ptr_nonnull(strstr(answer, "Connection: close\r\n"));
	ck_assert_int_eq(seen.ends, 0);
}
END_TEST

START_TEST(a_refusal_waits_for_the_body_and_the_connection_goes_on)
{
	_cleanup_(http_server_stopp) struct http_server *server = server_of(10, 30);
	_cleanup_(freep) char *answers = ask(server,
	    "POST /refuse HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbodyGET /refuse "
	    "HTTP/1.1\r\nHost: x\r\n\r\nGET /echo-close HTTP/1.1\r\nHost: x\r\n\r\n");

	ck_assert_uint_eq(count_of(answers, "HTTP/1.1 403 "), 2);
	ck_assert_uint_eq(count_of(answers, "HTTP/1.1 200 "), 1);
	ck_assert_uint_eq(seen.body, 0);
}
END_TEST

/* A client that goes on sending: a RST would overtake the refusal. */
START_TEST(a_closing_refusal_arrives_although_the_body_is_not_read)
{
	_cleanup_(http_server_stopp) struct http_server *server = server_of(10, 30);
	static const char block[1 << 16];

	for (int i = 0; i < 20; i++) {
		_cleanup_(closep) int fd = client_of(server);
		_cleanup_(freep) char *answer = NULL;

		say(fd, "POST /refuse-close HTTP/1.1\r\nHost: x\r\nContent-Length: "
			"1048576\r\n\r\n");
		for (int n = 0; n < 8; n++)
			ck_assert(send_bytes(fd, block, sizeof(block)));
		answer = hear_until(fd, NULL);
		ck_assert(begins(answer, "HTTP/1.1 403 "));
		ck_assert_str_eq(strstr(answer, "\r\n\r\n"), "\r\n\r\nno");
		for (int n = 0; n < 8; n++)
			ck_assert(send_bytes(fd, block, sizeof(block)));
	}
}
END_TEST

START_TEST(a_client_that_leaves_in_its_body_is_noticed)
{
	_cleanup_(http_server_stopp) struct http_server *server = server_of(10, 30);
	int fd = client_of(server);

	say(fd, "POST /sink HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\nabc");
	await(atomic_load(&seen.body) == 3);
	close(fd);
	await(atomic_load(&seen.dones) == 1);
	ck_assert_int_eq(seen.how, HTTP_END_CLIENT_LEFT);
	ck_assert_int_eq(seen.ends, 0);
	ck_assert_uint_eq(http_server_active(server), 0);
}
END_TEST

START_TEST(a_client_that_leaves_in_its_download_is_noticed)
{
	_cleanup_(http_server_stopp) struct http_server *server = server_of(10, 30);
	const char *targets[] = {"/pull/1000000000000", "/chunk/1000000000000"};

	for (unsigned i = 0; i < 2; i++) {
		int fd = client_of(server);
		char part[1000];

		say(fd, "GET ");
		say(fd, targets[i]);
		say(fd, " HTTP/1.1\r\nHost: x\r\n\r\n");
		ck_assert_int_gt(recv(fd, part, sizeof(part), 0), 0);
		ck_assert_uint_eq(http_server_active(server), 1);
		close(fd);
		await(atomic_load(&seen.dones) == i + 1);
		ck_assert_int_eq(seen.how, HTTP_END_CLIENT_LEFT);
	}
}
END_TEST

START_TEST(a_silent_connection_times_out)
{
	_cleanup_(http_server_stopp) struct http_server *server = server_of(10, 1);
	_cleanup_(freep) char *answer =
	    ask(server, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\nabc");

	ck_assert_str_eq(answer, "");
	await(atomic_load(&seen.dones) == 1);
	ck_assert_int_eq(seen.how, HTTP_END_TIMEOUT);
}
END_TEST

START_TEST(a_thousand_idle_connections_leave_nothing_behind)
{
	_cleanup_(http_server_stopp) struct http_server *server = NULL;
	struct rlimit files = {4096, 4096};
	size_t fds, threads;
	static int clients[1000];

	setrlimit(RLIMIT_NOFILE, &files);
	server = server_of(1000, 30);
	free(ask(server, "GET /echo" CLOSE));
	fds = entries_of("/proc/self/fd");
	threads = entries_of("/proc/self/task");
	await(entries_of("/proc/self/task") == threads);
	for (int i = 0; i < 1000; i++) {
		clients[i] = client_of(server);
		say(clients[i], "GET /echo HTTP/1.1\r\nHost: x\r\n\r\n");
		free(hear_until(clients[i], "\r\n\r\n"));
	}
	ck_assert_uint_ge(entries_of("/proc/self/task"), 1000);
	for (int i = 0; i < 1000; i++)
		close(clients[i]);
	await(entries_of("/proc/self/task") <= threads);
	await(entries_of("/proc/self/fd") <= fds);
}
END_TEST

START_TEST(one_too_many_stays_with_the_caller)
{
	_cleanup_(http_server_stopp) struct http_server *server = server_of(1, 30);
	int first = client_of(server);
	struct sockaddr_storage address;
	socklen_t len = sizeof(address);
	int served, second = tcp_pair(&served, &address, &len);

	ck_assert_int_eq(
	    http_server_add(server, served, (struct sockaddr *)&address, len), -EAGAIN);
	ck_assert_int_eq(close(served), 0);
	close(second);
	close(first);
	second = tcp_pair(&served, &address, &len);
	await(http_server_add(server, served, (struct sockaddr *)&address, len) == 0);
	close(second);
}
END_TEST

START_TEST(draining_closes_after_the_answer)
{
	_cleanup_(http_server_stopp) struct http_server *server = server_of(10, 30);
	_cleanup_(closep) int fd = client_of(server);
	_cleanup_(freep) char *answer = NULL;

	say(fd, "GET /block-head HTTP/1.1\r\nHost: x\r\n\r\n");
	await(atomic_load(&seen.blocked));
	ck_assert_uint_eq(http_server_active(server), 1);
	http_server_drain(server);
	eventfd_write(seen.release, 1);
	answer = hear_until(fd, NULL);
	ck_assert(begins(answer, "HTTP/1.1 200 "));
	ck_assert_ptr_nonnull(strstr(answer, "Connection: close\r\n"));
	await(http_server_active(server) == 0);
	ck_assert_int_eq(seen.how, HTTP_END_SENT);
}
END_TEST

START_TEST(half_a_head_is_not_active)
{
	_cleanup_(http_server_stopp) struct http_server *server = server_of(10, 30);
	_cleanup_(closep) int fd = client_of(server);

	say(fd, "GET /echo HTTP/1.1\r\nHost: x\r\n");
	await(atomic_load(&seen.opened) == 1);
	ck_assert_uint_eq(http_server_active(server), 0);
}
END_TEST

/* One idle, one in its head, one in its body, one that does not read its download. */
START_TEST(stopping_cuts_stuck_clients)
{
	struct http_server *server = server_of(10, 3000);
	int clients[] = {client_of(server), client_of(server), client_of(server), client_of(server),
	    client_of(server)};

	say(clients[1], "GET /echo HTTP/1.1\r\nHost");
	say(clients[2], "POST /sink HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\nabc");
	say(clients[3], "GET /pull/1000000000 HTTP/1.1\r\nHost: x\r\n\r\n");
	say(clients[4], "GET /echo HTTP/1.1\r\nHost: x\r\n\r\n");
	await(atomic_load(&seen.body) == 3 && atomic_load(&seen.ends) == 2);
	free(hear_until(clients[4], "\r\n\r\n"));
	http_server_stop(server);
	ck_assert_uint_eq(seen.opened, seen.dones);
	for (size_t i = 0; i < sizeof(clients) / sizeof(*clients); i++)
		close(clients[i]);
	ck_assert_uint_eq(seen.opened, 4);
	http_server_stop(NULL);
}
END_TEST

UNIT(http_server, a_body_by_length_and_by_chunks, a_chunks_extension_is_ignored_or_refused,
    a_trailer_is_never_a_request, a_large_body_passes_through, the_target_stays_raw,
    three_requests_in_one_send_are_answered_in_order, continue_is_granted_after_the_head,
    continue_is_not_sent_when_the_head_is_refused,
    a_refusal_waits_for_the_body_and_the_connection_goes_on,
    a_closing_refusal_arrives_although_the_body_is_not_read,
    a_client_that_leaves_in_its_body_is_noticed, a_client_that_leaves_in_its_download_is_noticed,
    a_silent_connection_times_out, a_thousand_idle_connections_leave_nothing_behind,
    one_too_many_stays_with_the_caller, draining_closes_after_the_answer, half_a_head_is_not_active,
    stopping_cuts_stuck_clients);

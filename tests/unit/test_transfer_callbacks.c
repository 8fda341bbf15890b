#include "unit.h"

#include <errno.h>
#include <string.h>

#include "transfer_callbacks.h"

/* A transfer without a connection: callbacks need no more than a handle to talk to. */
struct fixture {
	struct transfer transfer;
	struct slot slot;
};

static void start(struct fixture *f)
{
	*f = (struct fixture){};
	ck_assert_int_eq(curl_ready(), 0);
	f->slot.easy = curl_easy_init();
	f->transfer.slot = &f->slot;
	f->transfer.host = "registry";
}

static void finish(struct fixture *f)
{
	curl_easy_cleanup(f->slot.easy);
	response_head_finish(&f->transfer.head);
}

static size_t take_line(struct fixture *f, const char *line)
{
	char copy[256];

	strcpy(copy, line);
	return transfer_take_field(copy, 1, strlen(copy), &f->transfer);
}

static void take_head(struct fixture *f, const char *length)
{
	ck_assert_uint_gt(take_line(f, "HTTP/1.1 200 OK\r\n"), 0);
	if (length)
		ck_assert_uint_gt(take_line(f, length), 0);
	ck_assert_uint_eq(take_line(f, "\r\n"), 2);
}

static size_t take(struct fixture *f, const char *bytes)
{
	char copy[256];

	strcpy(copy, bytes);
	return transfer_take_body(copy, 1, strlen(copy), &f->transfer);
}

START_TEST(gives_what_is_lent_then_pauses_then_ends)
{
	char buffer[4];
	struct fixture f;

	start(&f);
	f.transfer.out = "hello";
	f.transfer.out_len = 5;
	ck_assert_uint_eq(transfer_give(buffer, 1, 4, &f.transfer), 4);
	ck_assert_mem_eq(buffer, "hell", 4);
	ck_assert_uint_eq(transfer_give(buffer, 1, 4, &f.transfer), 1);
	ck_assert_int_eq(buffer[0], 'o');
	ck_assert_uint_eq(transfer_give(buffer, 1, 4, &f.transfer), CURL_READFUNC_PAUSE);
	ck_assert(f.transfer.send_paused);
	f.transfer.out_end = true;
	ck_assert_uint_eq(transfer_give(buffer, 1, 4, &f.transfer), 0);
	finish(&f);
}
END_TEST

START_TEST(fills_whole_records_and_keeps_the_rest)
{
	static char piece[32768], buffer[65536];
	struct fixture f;

	start(&f);
	f.transfer.in_chunks = true;
	f.transfer.holds = true;
	for (int i = 0; i < 2; i++) {
		memset(piece, 'a' + i, sizeof(piece));
		f.transfer.out = piece;
		f.transfer.out_len = sizeof(piece);
		/* With "7ff8" and two line ends two records of 16384. */
		ck_assert_uint_eq(transfer_give(buffer, 1, sizeof(buffer), &f.transfer), 32760);
		ck_assert_int_eq(buffer[0], 'a');
		ck_assert_int_eq(buffer[32759], 'a' + i);
		ck_assert(transfer_is_handed_over(&f.transfer));
		ck_assert_uint_eq(
		    transfer_give(buffer, 1, sizeof(buffer), &f.transfer), CURL_READFUNC_PAUSE);
		transfer_hold_rest(&f.transfer);
	}
	ck_assert_uint_eq(f.transfer.held_len, 16);
	f.transfer.holds = false;
	f.transfer.out_end = true;
	ck_assert_uint_eq(transfer_give(buffer, 1, sizeof(buffer), &f.transfer), 16);
	ck_assert_mem_eq(buffer, "bbbbbbbbbbbbbbbb", 16);
	ck_assert_uint_eq(transfer_give(buffer, 1, sizeof(buffer), &f.transfer), 0);
	finish(&f);
}
END_TEST

START_TEST(spills_what_does_not_fit_and_then_pauses)
{
	char buffer[3];
	struct fixture f;

	start(&f);
	take_head(&f, NULL);
	ck_assert_int_eq(f.transfer.expected, -1);
	f.transfer.in = buffer;
	f.transfer.in_max = sizeof(buffer);
	ck_assert_uint_eq(take(&f, "hello"), 5);
	ck_assert_mem_eq(buffer, "hel", 3);
	ck_assert_uint_eq(f.transfer.spill_len, 2);
	ck_assert_mem_eq(f.transfer.spill, "lo", 2);
	ck_assert_uint_eq(take(&f, "more"), CURL_WRITEFUNC_PAUSE);
	ck_assert(f.transfer.receive_paused);
	ck_assert_int_eq(f.transfer.received, 5);
	finish(&f);
}
END_TEST

START_TEST(takes_no_body_without_a_head)
{
	struct fixture f;

	start(&f);
	ck_assert_uint_eq(take(&f, "hello"), 0);
	ck_assert_int_eq(f.transfer.failure, TRANSFER_MALFORMED);
	finish(&f);
}
END_TEST

START_TEST(takes_no_more_than_announced)
{
	struct fixture f;

	start(&f);
	take_head(&f, "Content-Length: 7\r\n");
	ck_assert_uint_eq(take(&f, "hello"), 5);
	f.transfer.spill_len = 0;
	ck_assert_uint_eq(take(&f, "you"), 0);
	ck_assert_int_eq(f.transfer.failure, TRANSFER_MALFORMED);
	finish(&f);
}
END_TEST

START_TEST(tells_an_early_refusal)
{
	struct fixture f;

	start(&f);
	f.transfer.has_body = true;
	ck_assert_uint_gt(take_line(&f, "HTTP/1.1 401 Unauthorized\r\n"), 0);
	ck_assert_uint_gt(take_line(&f, "\r\n"), 0);
	ck_assert(f.transfer.early);
	finish(&f);
}
END_TEST

START_TEST(a_bad_trailer_is_refused)
{
	struct fixture f;

	start(&f);
	take_head(&f, "Transfer-Encoding: chunked\r\n");
	ck_assert_uint_gt(take_line(&f, "X-Good: 1\r\n"), 0);
	ck_assert_uint_eq(take_line(&f, "X-Bad: a\rb\r\n"), 0);
	ck_assert_int_eq(f.transfer.failure, TRANSFER_MALFORMED);
	finish(&f);
}
END_TEST

static void note(struct fixture *f, curl_infotype type, const char *text)
{
	char copy[128];

	strcpy(copy, text);
	transfer_take_note(f->slot.easy, type, copy, strlen(copy), &f->transfer);
}

START_TEST(hears_of_stray_octets)
{
	struct fixture f;

	start(&f);
	note(&f, CURLINFO_TEXT, "Connection #0 to host x left intact\n");
	note(&f, CURLINFO_DATA_IN, "Excess found");
	note(&f, CURLINFO_TEXT, "Excess");
	ck_assert_int_eq(f.transfer.failure, TRANSFER_OK);
	note(&f, CURLINFO_TEXT, "Excess found: excess = 4 url = / (zero-length body)\n");
	ck_assert_int_eq(f.transfer.failure, TRANSFER_MALFORMED);
	finish(&f);
}
END_TEST

START_TEST(the_first_reason_stays)
{
	struct fixture f;

	start(&f);
	ck_assert_int_eq(transfer_fail(&f.transfer, TRANSFER_STOPPED, "stops"), -EIO);
	ck_assert_int_eq(transfer_fail_curl(&f.transfer, CURLE_WRITE_ERROR), -EIO);
	ck_assert_int_eq(f.transfer.failure, TRANSFER_STOPPED);
	ck_assert_str_eq(f.transfer.err.text, "registry: stops");
	finish(&f);
}
END_TEST

START_TEST(curls_codes_have_a_class)
{
	static const struct {
		CURLcode code;
		enum transfer_failure failure;
	} cases[] = {
	    {CURLE_COULDNT_RESOLVE_HOST, TRANSFER_CONNECT},
	    {CURLE_COULDNT_RESOLVE_PROXY, TRANSFER_CONNECT},
	    {CURLE_COULDNT_CONNECT, TRANSFER_CONNECT},
	    {CURLE_OPERATION_TIMEDOUT, TRANSFER_CONNECT},
	    {CURLE_RECV_ERROR, TRANSFER_CONNECT}, /* before the request was sent: of a proxy */
	    {CURLE_SSL_CONNECT_ERROR, TRANSFER_CERTIFICATE},
	    {CURLE_PEER_FAILED_VERIFICATION, TRANSFER_CERTIFICATE},
	    {CURLE_OUT_OF_MEMORY, TRANSFER_NO_MEMORY},
	    {CURLE_WEIRD_SERVER_REPLY, TRANSFER_MALFORMED},
	    {CURLE_UNSUPPORTED_PROTOCOL, TRANSFER_MALFORMED},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct fixture f;

		start(&f);
		transfer_fail_curl(&f.transfer, cases[i].code);
		ck_assert_int_eq(f.transfer.failure, cases[i].failure);
		finish(&f);
	}
}
END_TEST

UNIT(transfer_callbacks, gives_what_is_lent_then_pauses_then_ends,
    fills_whole_records_and_keeps_the_rest, spills_what_does_not_fit_and_then_pauses,
    takes_no_body_without_a_head, takes_no_more_than_announced, tells_an_early_refusal,
    a_bad_trailer_is_refused, hears_of_stray_octets, the_first_reason_stays,
    curls_codes_have_a_class);

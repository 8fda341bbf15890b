#include "upstream_fixture.h"

#include <check.h>
#include <errno.h>

#include "clock.h"

enum { HOUR_S = 3600 };

void fixture_start(struct fixture *fixture, fake_script *script, bool with_tls)
{
	static char host[] = FIXTURE_HOST, address[] = "127.0.0.1";
	SSL_CTX *server_tls = NULL;
	struct err e = {};

	*fixture = (struct fixture){.with_tls = with_tls};
	ck_assert_int_eq(stop_init(&fixture->stop), 0);
	if (with_tls) {
		fake_pki_init(&fixture->pki);
		server_tls = fake_pki_issue(&fixture->pki, FIXTURE_HOST, HOUR_S);
	}
	ck_assert_int_eq(tls_new(with_tls ? fixture->pki.ca_path : NULL, &fixture->tls, &e), 0);
	ck_assert_int_eq(upstream_new(fixture->tls, &fixture->stop, &fixture->upstream), 0);
	fake_server_start(&fixture->server, script, fixture, server_tls);
	fixture->registry = (struct registry){
	    .host = host,
	    .dial = {.tls = with_tls, .host = address, .port = fixture->server.port},
	};
}

void fixture_stop(struct fixture *fixture)
{
	upstream_free(fixture->upstream);
	fake_server_stop(&fixture->server);
	tls_free(fixture->tls);
	if (fixture->with_tls)
		fake_pki_finish(&fixture->pki);
	headers_finish(&fixture->headers);
	stop_finish(&fixture->stop);
}

struct transfer *fixture_begin(
    struct fixture *fixture, const char *method, const char *target, int64_t body_length)
{
	struct transfer_request request = {
	    .registry = &fixture->registry,
	    .method = method,
	    .target = target,
	    .headers = &fixture->headers,
	    .authorization = "Basic c2VjcmV0",
	    .body_length = body_length,
	    .client_fd = -1,
	    .fresh_connection = fixture->fresh,
	};
	struct transfer *transfer = NULL;

	ck_assert_int_eq(transfer_begin(fixture->upstream, &request, &transfer), 0);
	return transfer;
}

int fixture_read(struct transfer *transfer, struct str *body)
{
	char block[64 * 1024];
	ssize_t n;

	while ((n = transfer_read(transfer, block, sizeof(block), INT64_MAX)) > 0)
		ck_assert_int_eq(str_append(body, block, (size_t)n), 0);
	return (int)n;
}

unsigned fixture_get(struct fixture *fixture, const char *method, struct str *body)
{
	_cleanup_(transfer_finishp) struct transfer *transfer =
	    fixture_begin(fixture, method, "/v2/", 0);
	_cleanup_str_ struct str ignored = {};

	if (transfer_await_head(transfer, clock_mono_ms() + FIXTURE_WAIT_MS) < 0)
		ck_abort_msg("%s", transfer_error(transfer));
	if (fixture_read(transfer, body ? body : &ignored) < 0)
		ck_abort_msg("%s", transfer_error(transfer));
	return transfer_head(transfer)->status;
}

enum transfer_failure fixture_failure(struct fixture *fixture, struct err *e)
{
	_cleanup_(transfer_finishp) struct transfer *transfer =
	    fixture_begin(fixture, "GET", "/v2/", 0);
	_cleanup_str_ struct str body = {};

	if (transfer_await_head(transfer, clock_mono_ms() + FIXTURE_WAIT_MS) == 0)
		ck_assert_int_eq(fixture_read(transfer, &body), -EIO);
	err_set(e, 0, "%s", transfer_error(transfer));
	return transfer_failure(transfer);
}

/* Requests at the entrance: what is admitted, and what the registry will see of it. */
#include "unit.h"

#include <errno.h>

#include "admit.h"

#define HOST "123456789012.dkr.ecr.eu-west-1.amazonaws.com"

static struct registry registry = {.host = (char *)HOST};
static struct registry *items[] = {&registry};
static struct live live = {.lock = PTHREAD_MUTEX_INITIALIZER};
static const char *const no_names[] = {NULL};
static struct config config;
static struct serving serving = {
    .references = 1,
    .config = &config,
    .registries = {.items = items, .len = 1},
    .hosts = {.names = no_names, .port = 5100},
};
static const struct exchange_context context = {.live = &live};
static struct exchange x;
static const uid_t *owner; /* of the next request's connection */

static int ask(const char *host, const char *target)
{
	_cleanup_headers_ struct headers fields = {};
	const struct http_request request = {
	    .method = "POST",
	    .target = target,
	    .version = "HTTP/1.1",
	    .headers = &fields,
	    .plain_head = true,
	    .owner = owner,
	};

	x = (struct exchange){.context = &context, .serving = &serving};
	headers_add(&fields, "Host", host);
	headers_add(&fields, "Authorization", "Basic Zm9vOmJhcg==");
	headers_add(&fields, "Expect", "100-continue");
	headers_add(&fields, "Connection", "keep-alive");
	headers_add(&fields, "User-Agent", "docker");
	headers_add(&fields, "Content-Length", "7");
	return admit(&x, &request);
}

static void finish(void)
{
	live_end(&x.live);
	headers_finish(&x.headers);
	route_finish(&x.route);
	free(x.pass.target);
	free(x.method);
}

START_TEST(what_passes_is_known_by_its_route)
{
	ck_assert_int_eq(ask("localhost:5100", "/v2/team/app/blobs/uploads/"), 0);
	ck_assert_str_eq(x.access.operation, "upload-start");
	ck_assert_str_eq(x.access.registry, HOST);
	ck_assert_str_eq(x.access.repository, "team/app");
	ck_assert_int_eq(x.pass.body_length, 7);
	ck_assert_ptr_eq(live.first, &x.live);
	ck_assert_int_eq(x.live.total, 7);
	finish();
}
END_TEST

START_TEST(only_end_to_end_fields_go_on_and_no_credential)
{
	ck_assert_int_eq(ask("localhost:5100", "/v2/app/blobs/uploads/"), 0);
	ck_assert_uint_eq(x.headers.len, 1);
	ck_assert_str_eq(headers_get(&x.headers, "User-Agent"), "docker");
	finish();
}
END_TEST

START_TEST(whose_it_is_is_known_even_when_refused)
{
	const uid_t nobody_has_it = 4294967290U;

	owner = &nobody_has_it;
	ck_assert_int_eq(ask("evil.example:5100", "/v2/app/blobs/uploads/"), -EPERM);
	ck_assert_str_eq(x.user, "4294967290");
	ck_assert_str_eq(x.access.user, "4294967290");
	finish();
	owner = NULL;
	ck_assert_int_eq(ask("localhost:5100", "/v2/app/blobs/uploads/"), 0);
	ck_assert_ptr_null(x.user);
	ck_assert_ptr_null(x.access.user);
	finish();
}
END_TEST

START_TEST(only_the_configured_users_are_let_in)
{
	char number[] = "4294967290", *allowed[] = {number, NULL};
	const uid_t listed = 4294967290U, other = 4294967291U;

	config.allow_users = allowed;
	owner = &listed;
	ck_assert_int_eq(ask("localhost:5100", "/v2/app/blobs/uploads/"), 0);
	finish();
	owner = &other;
	ck_assert_int_eq(ask("localhost:5100", "/v2/app/blobs/uploads/"), -EPERM);
	ck_assert_uint_eq(x.refusal.status, 403);
	ck_assert_str_eq(x.access.reason, "refused");
	/* It can be told where the next request begins: the connection goes on. */
	ck_assert_ptr_nonnull(x.pass.target);
	finish();
	owner = NULL;
	ck_assert_int_eq(ask("localhost:5100", "/v2/app/blobs/uploads/"), -EPERM);
	finish();
	config.allow_users = NULL;
}
END_TEST

START_TEST(gate_and_route_refuse)
{
	ck_assert_int_eq(ask("evil.example:5100", "/v2/app/blobs/uploads/"), -EPERM);
	ck_assert_uint_eq(x.refusal.status, 403);
	ck_assert_str_eq(x.access.reason, "refused");
	ck_assert_ptr_null(x.pass.target);
	finish();
	ck_assert_int_eq(ask("localhost:5100", "/v2/evil.dkr.ecr/app/blobs/uploads/"), -EPERM);
	ck_assert_uint_eq(x.refusal.status, 404);
	ck_assert_str_eq(x.access.reason, "refused");
	finish();
}
END_TEST

UNIT(admit, what_passes_is_known_by_its_route, only_end_to_end_fields_go_on_and_no_credential,
    whose_it_is_is_known_even_when_refused, only_the_configured_users_are_let_in,
    gate_and_route_refuse);

#include "unit.h"

#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "admin.h"
#include "clock.h"
#include "played_status.h"

/* In place of the module's own: ready or not, as the test wants it. */
static _Atomic bool stopping;
static struct live live = {.lock = PTHREAD_MUTEX_INITIALIZER};
static struct metrics metrics;
static struct history history = {.lock = PTHREAD_MUTEX_INITIALIZER};
static const char *unready;

bool ecr_token_cache_ready(struct ecr_token_cache *cache, struct err *why)
{
	if (unready)
		err_set(why, 0, "%s", unready);
	return !unready;
}

int ecr_token_cache_each(struct ecr_token_cache *cache, ecr_token_each each, void *userdata)
{
	return 0;
}

static struct http_answer answer;
static const uid_t *owner; /* of the next request's connection */

static void ask(const char *method, const char *target, const char *field, const char *value)
{
	const struct admin_context context = {.hosts = {.port = 5101},
	    .status = {.live = &live,
		.metrics = &metrics,
		.history = &history,
		.stopping = &stopping,
		.started_ms = clock_mono_ms()}};
	struct http_handler handler = admin_handler(&context);
	_cleanup_headers_ struct headers headers = {};
	struct http_request request = {
	    .method = method,
	    .target = target,
	    .version = "HTTP/1.1",
	    .headers = &headers,
	    .plain_head = true,
	    .owner = owner,
	};
	void *visit = handler.open(handler.userdata);

	headers_finish(&answer.headers);
	str_finish(&answer.body);
	answer = (struct http_answer){};
	headers_add(&headers, "Host", "127.0.0.1:5101");
	if (field) {
		headers_remove(&headers, field);
		headers_add(&headers, field, value);
	}
	ck_assert(handler.head(visit, &request, &answer));
	handler.done(visit, HTTP_END_SENT);
}

START_TEST(who_stops_is_alive_but_not_ready)
{
	unready = NULL;
	stopping = true;
	ask("GET", "/readyz", NULL, NULL);
	ck_assert_uint_eq(answer.status, 503);
	ck_assert_str_eq(answer.body.data, "stopping\n");
	ask("GET", "/healthz", NULL, NULL);
	ck_assert_uint_eq(answer.status, 200);
	stopping = false;
}
END_TEST

START_TEST(health_is_being_alive)
{
	unready = "no token";
	ask("GET", "/healthz", NULL, NULL);
	ck_assert_uint_eq(answer.status, 200);
	ck_assert_str_eq(answer.body.data, "ok\n");
	ck_assert_str_eq(headers_get(&answer.headers, "Content-Type"), "text/plain; charset=utf-8");
	ck_assert_str_eq(headers_get(&answer.headers, "Cache-Control"), "no-store");
	ck_assert_str_eq(headers_get(&answer.headers, "X-Content-Type-Options"), "nosniff");
	ck_assert(!answer.close);
}
END_TEST

START_TEST(readiness_says_why_not)
{
	unready = NULL;
	ask("GET", "/readyz?verbose", NULL, NULL);
	ck_assert_uint_eq(answer.status, 200);
	ck_assert_str_eq(answer.body.data, "ready\n");
	unready = "no credentials for 123456789012.dkr.ecr.eu-west-1.amazonaws.com";
	ask("HEAD", "/readyz", NULL, NULL);
	ck_assert_uint_eq(answer.status, 503);
	ck_assert_str_eq(
	    answer.body.data, "no credentials for 123456789012.dkr.ecr.eu-west-1.amazonaws.com\n");
}
END_TEST

START_TEST(status_is_json)
{
	unready = "no token";
	ask("GET", "/status", NULL, NULL);
	ck_assert_uint_eq(answer.status, 200);
	ck_assert(strncmp(answer.body.data, "{\"ready\":false,", 15) == 0);
	ck_assert_str_eq(headers_get(&answer.headers, "Content-Type"), "application/json");
	ck_assert_str_eq(headers_get(&answer.headers, "Cache-Control"), "no-store");
	ck_assert_str_eq(headers_get(&answer.headers, "X-Content-Type-Options"), "nosniff");
	ask("POST", "/status", NULL, NULL);
	ck_assert_uint_eq(answer.status, 405);
	ask("GET", "/status", "Origin", "http://evil.example");
	ck_assert_uint_eq(answer.status, 403);
	unready = NULL;
}
END_TEST

START_TEST(metrics_come_in_the_form_that_was_asked_for)
{
	unready = NULL;
	ask("GET", "/metrics", NULL, NULL);
	ck_assert_uint_eq(answer.status, 200);
	ck_assert_str_eq(headers_get(&answer.headers, "Content-Type"),
	    "text/plain; version=0.0.4; charset=utf-8");
	ck_assert_ptr_null(strstr(answer.body.data, "# EOF"));
	ask("GET", "/metrics", "Accept", "application/openmetrics-text");
	ck_assert_str_eq(headers_get(&answer.headers, "Content-Type"),
	    "application/openmetrics-text; version=1.0.0; charset=utf-8");
	ck_assert_ptr_nonnull(strstr(answer.body.data, "\n# EOF\n"));
	ask("GET", "/metrics", "Origin", "http://evil.example");
	ck_assert_uint_eq(answer.status, 403);
}
END_TEST

START_TEST(only_the_configured_users_may_look)
{
	char number[] = "4294967290", *allowed[] = {number, NULL};
	const uid_t listed = 4294967290U, other = 4294967291U, own = geteuid(), root = 0;
	const uid_t *welcome[] = {&listed, &own, &root}, *others[] = {&other, NULL};

	played_config.allow_users = allowed;
	for (size_t i = 0; i < sizeof(welcome) / sizeof(*welcome); i++) {
		owner = welcome[i];
		ask("GET", "/status", NULL, NULL);
		ck_assert_uint_eq(answer.status, 200);
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		owner = others[i];
		ask("GET", "/healthz", NULL, NULL);
		ck_assert_uint_eq(answer.status, 403);
		ck_assert_ptr_nonnull(strstr(answer.body.data, "allow_users"));
		ck_assert(!answer.close);
	}
	owner = NULL;
	played_config.allow_users = NULL;
}
END_TEST

START_TEST(nothing_else_is_there)
{
	const char *targets[] = {"/index.html", "/healthz/", "/Healthz", "/v2/"};

	for (size_t i = 0; i < sizeof(targets) / sizeof(*targets); i++) {
		ask("GET", targets[i], NULL, NULL);
		ck_assert_uint_eq(answer.status, 404);
		ck_assert_str_eq(
		    answer.body.data, "not found; there are / /healthz /readyz /metrics /status\n");
	}
	ask("POST", "/healthz", NULL, NULL);
	ck_assert_uint_eq(answer.status, 405);
	ck_assert_str_eq(headers_get(&answer.headers, "Allow"), "GET, HEAD");
}
END_TEST

START_TEST(the_page)
{
	ask("GET", "/", NULL, NULL);
	ck_assert_uint_eq(answer.status, 200);
	ck_assert_str_eq(headers_get(&answer.headers, "Content-Type"), "text/html; charset=utf-8");
	ck_assert(strncmp(answer.body.data, "<!DOCTYPE html>", 15) == 0);
	ask("GET", "/page.js?1", NULL, NULL);
	ck_assert_uint_eq(answer.status, 200);
	ck_assert_str_eq(
	    headers_get(&answer.headers, "Content-Type"), "text/javascript; charset=utf-8");
}
END_TEST

START_TEST(a_browser_may_only_show_it)
{
	const char *targets[] = {"/", "/page.css", "/healthz", "/status", "/nothing"};
	const char *policy;

	for (size_t i = 0; i < sizeof(targets) / sizeof(*targets); i++) {
		ask("GET", targets[i], "Sec-Fetch-Site", i ? "same-origin" : "none");
		ck_assert_str_eq(headers_get(&answer.headers, "Cache-Control"), "no-store");
		policy = headers_get(&answer.headers, "Content-Security-Policy");
		ck_assert_ptr_nonnull(policy);
		ck_assert_ptr_nonnull(strstr(policy, "default-src 'none'"));
		ck_assert_ptr_nonnull(strstr(policy, "frame-ancestors 'none'"));
		ck_assert_ptr_null(strstr(policy, "unsafe"));
		ck_assert_str_eq(
		    headers_get(&answer.headers, "Cross-Origin-Resource-Policy"), "same-origin");
		ck_assert_str_eq(headers_get(&answer.headers, "Referrer-Policy"), "no-referrer");
	}
}
END_TEST

START_TEST(names_of_the_configuration_are_ours)
{
	const char *more[] = {"build.local", "tunnel.local:8080", NULL};

	played_serving.hosts.more = more;
	ask("GET", "/healthz", "Host", "build.local:5101");
	ck_assert_uint_eq(answer.status, 200);
	ask("GET", "/healthz", "Host", "tunnel.local:8080");
	ck_assert_uint_eq(answer.status, 200);
	played_serving.hosts.more = NULL;
	ask("GET", "/healthz", "Host", "build.local:5101");
	ck_assert_uint_eq(answer.status, 403);
}
END_TEST

START_TEST(a_web_page_gets_nothing)
{
	ask("GET", "/healthz", "Host", "evil.example:5101");
	ck_assert_uint_eq(answer.status, 403);
	ck_assert(answer.close);
	ask("GET", "/healthz", "Origin", "http://evil.example");
	ck_assert_uint_eq(answer.status, 403);
	ask("GET", "/healthz", "Sec-Fetch-Site", "cross-site");
	ck_assert_uint_eq(answer.status, 403);
	/* Another port of this machine. */
	ask("GET", "/healthz", "Sec-Fetch-Site", "same-site");
	ck_assert_uint_eq(answer.status, 403);
	ask("GET", "/healthz", "Host", "localhost:5101");
	ck_assert_uint_eq(answer.status, 200);
}
END_TEST

UNIT(admin, who_stops_is_alive_but_not_ready, health_is_being_alive, readiness_says_why_not,
    status_is_json, metrics_come_in_the_form_that_was_asked_for, only_the_configured_users_may_look,
    nothing_else_is_there, the_page, a_browser_may_only_show_it,
    names_of_the_configuration_are_ours, a_web_page_gets_nothing);

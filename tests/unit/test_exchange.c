/* An exchange between a client and the layers below it, both played. */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "exchange.h"
#include "log.h"
#include "played.h"

#define HOST "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
#define MISSING                                                                           \
	"{\"errors\":[{\"code\":\"NAME_UNKNOWN\",\"message\":\"The repository with name " \
	"'team/app' "                                                                     \
	"does not exist in the registry with id '123456789012'\"}]}"

static struct registry registry = {
    .host = (char *)HOST, .dial = {.host = (char *)HOST, .port = 443}};
static struct registry *items[] = {&registry};
static const char *const no_names[] = {NULL};
static struct stop stop;
static struct live live = {.lock = PTHREAD_MUTEX_INITIALIZER};
static struct config config = {.timeout_s = 25};
/* One reference is the test's: it is never freed. */
static struct serving serving = {
    .references = 1,
    .config = &config,
    .registries = {.items = items, .len = 1},
    .hosts = {.names = no_names, .port = 5100},
};
static struct metrics metrics;
static struct exchange_context context = {.live = &live, .metrics = &metrics, .stop = &stop};

static struct headers fields;
static struct http_answer answer;

static void setup(void)
{
	played_reset();
	log_setup(LOG_LEVEL_ERROR, LOG_FORMAT_TEXT);
	headers_finish(&fields);
	headers_add(&fields, "Host", "localhost:5100");
	headers_finish(&answer.headers);
	str_finish(&answer.body);
	answer = (struct http_answer){};
	if (stop.fd <= 0)
		ck_assert_int_eq(stop_init(&stop), 0);
	if (!context.serving)
		ck_assert_int_eq(serving_place_new(&serving, &context.serving), 0);
}

/* A whole request as the server would drive it; the answer's pulled body ends up in answer.body. */
static void ask(const char *method, const char *target, const char *body)
{
	struct http_handler handler = exchange_handler(&context);
	struct http_request request = {
	    .method = method,
	    .target = target,
	    .version = "HTTP/1.1",
	    .headers = &fields,
	    .plain_head = true,
	    .fd = -1,
	};
	void *x = handler.open(handler.userdata);
	char length[24], buffer[16];
	ssize_t n;

	if (body) {
		snprintf(length, sizeof(length), "%zu", strlen(body));
		headers_add(&fields, "Content-Length", length);
	}
	if (!handler.head(x, &request, &answer)) {
		for (size_t i = 0; body && body[i]; i++)
			handler.body(x, body + i, 1);
		handler.end(x, &answer);
	}
	while (answer.pull && (n = handler.read(x, buffer, sizeof(buffer))) > 0)
		str_append(&answer.body, buffer, (size_t)n);
	handler.done(x, HTTP_END_SENT);
	ck_assert_uint_eq(played.open, 0);
}

START_TEST(the_version_check_asks_nobody)
{
	setup();
	ask("GET", "/v2/", NULL);
	ck_assert_uint_eq(answer.status, 200);
	ck_assert_uint_eq(played.questions, 0);
	ck_assert_ptr_null(headers_get(&answer.headers, "WWW-Authenticate"));
}
END_TEST

START_TEST(an_existing_repository_is_asked_once)
{
	setup();
	played.answers[0] = (struct played_answer){.status = 202,
	    .fields = "Location: https://" HOST "/v2/team/app/blobs/uploads/1\r\n"
		      "Content-Length: 0\r\n"};
	headers_add(&fields, "Authorization", "Basic Og==");
	ask("POST", "/v2/team/app/blobs/uploads/", NULL);
	ck_assert_uint_eq(answer.status, 202);
	ck_assert_str_eq(headers_get(&answer.headers, "Location"), "/v2/team/app/blobs/uploads/1");
	ck_assert_str_eq(played.authorization, "Basic token1");
	ck_assert_uint_eq(played.questions, 1);
	ck_assert_uint_eq(played.creations, 0);
}
END_TEST

START_TEST(a_missing_one_is_created_and_asked_again)
{
	setup();
	played.answers[0] = (struct played_answer){.status = 404, .body = MISSING};
	played.answers[1] = (struct played_answer){.status = 404, .body = MISSING};
	played.answers[2] =
	    (struct played_answer){.status = 202, .fields = "Content-Length: 0\r\n"};
	ask("POST", "/v2/team/app/blobs/uploads/?mount=sha256:00&from=base", NULL);
	ck_assert_uint_eq(answer.status, 202);
	ck_assert_str_eq(headers_get(&answer.headers, "Warning"), "299 - \"created it\"");
	ck_assert_uint_eq(played.creations, 1);
	ck_assert_uint_eq(played.questions, 3);
	ck_assert_str_eq(played.target, "/v2/team/app/blobs/uploads/?mount=sha256:00&from=base");
}
END_TEST

START_TEST(reading_never_creates)
{
	setup();
	played.answers[0] = (struct played_answer){.status = 404, .body = MISSING};
	ask("GET", "/v2/team/app/manifests/1", NULL);
	ck_assert_uint_eq(answer.status, 404);
	ck_assert_str_eq(str_text(&answer.body), MISSING);
	ck_assert_uint_eq(played.creations, 0);
}
END_TEST

START_TEST(a_manifest_is_held_and_sent_again)
{
	setup();
	played.answers[0] = (struct played_answer){.status = 404, .body = MISSING};
	played.answers[1] =
	    (struct played_answer){.status = 201, .fields = "Content-Length: 0\r\n"};
	ask("PUT", "/v2/team/app/manifests/1", "{\"schemaVersion\":2}");
	ck_assert_uint_eq(answer.status, 201);
	ck_assert_uint_eq(played.creations, 1);
	ck_assert_str_eq(played.sent, "{\"schemaVersion\":2}");
	ck_assert_int_eq(played.body_length, 19);
}
END_TEST

START_TEST(a_manifest_that_is_too_large_is_refused)
{
	char length[16];

	setup();
	snprintf(length, sizeof(length), "%d", 4 * 1024 * 1024 + 1);
	headers_add(&fields, "Content-Length", length);
	ask("PUT", "/v2/team/app/manifests/1", NULL);
	ck_assert_uint_eq(answer.status, 413);
	ck_assert_uint_eq(played.questions, 0);
}
END_TEST

START_TEST(a_blob_is_streamed_once)
{
	setup();
	played.answers[0] = (struct played_answer){.status = 201, .fields = "Range: 0-3\r\n"};
	ask("PATCH", "/v2/team/app/blobs/uploads/1", "blob");
	ck_assert_uint_eq(answer.status, 201);
	ck_assert_str_eq(played.sent, "blob");
	ck_assert_str_eq(headers_get(&answer.headers, "Range"), "0-3");
	ck_assert(played.fresh_connection);
}
END_TEST

START_TEST(an_early_answer_ends_the_upload)
{
	setup();
	played.answers_early = true;
	played.answers[0] = (struct played_answer){.status = 416, .body = "{}"};
	ask("PATCH", "/v2/team/app/blobs/uploads/1", "blob");
	ck_assert_uint_eq(answer.status, 416);
	ck_assert_str_eq(played.sent, "");
}
END_TEST

START_TEST(a_streamed_body_is_never_repeated)
{
	setup();
	played.answers[0] = (struct played_answer){.status = 401, .body = "Not Authorized\n"};
	ask("PATCH", "/v2/team/app/blobs/uploads/1", "blob");
	ck_assert_uint_eq(answer.status, 504);
	ck_assert_uint_eq(played.questions, 1);
	ck_assert_uint_eq(played.tokens_refused, 1);
}
END_TEST

START_TEST(a_refused_token_is_replaced)
{
	setup();
	played.answers[0] = (struct played_answer){
	    .status = 401, .fields = "WWW-Authenticate: Basic realm=x\r\n", .body = "no"};
	played.answers[1] = (struct played_answer){.status = 200, .body = "{}"};
	ask("GET", "/v2/team/app/tags/list", NULL);
	ck_assert_uint_eq(answer.status, 200);
	ck_assert_str_eq(played.authorization, "Basic token2");
	ck_assert_uint_eq(played.tokens_refused, 1);
}
END_TEST

START_TEST(a_token_refused_twice_is_no_challenge)
{
	setup();
	played.answers[0] = played.answers[1] = (struct played_answer){
	    .status = 401, .fields = "WWW-Authenticate: Basic realm=x\r\n", .body = "no"};
	ask("GET", "/v2/team/app/tags/list", NULL);
	ck_assert_uint_eq(answer.status, 403);
	ck_assert_ptr_null(headers_get(&answer.headers, "WWW-Authenticate"));
	ck_assert_ptr_nonnull(strstr(str_text(&answer.body), "DENIED"));
}
END_TEST

START_TEST(silence_asks_whether_it_exists)
{
	setup();
	played.answers[0] = (struct played_answer){.failure = TRANSFER_NO_BYTE};
	played.answers[1] =
	    (struct played_answer){.status = 202, .fields = "Content-Length: 0\r\n"};
	ask("POST", "/v2/team/app/blobs/uploads/", NULL);
	ck_assert_uint_eq(answer.status, 202);
	ck_assert_uint_eq(played.existence_asked, 1);
	ck_assert_uint_eq(played.creations, 1);
}
END_TEST

START_TEST(silence_about_an_existing_one_creates_nothing)
{
	setup();
	played.exists = 1;
	played.answers[0] = played.answers[1] = (struct played_answer){.failure = TRANSFER_NO_BYTE};
	ask("POST", "/v2/team/app/blobs/uploads/", NULL);
	ck_assert_uint_eq(answer.status, 504);
	ck_assert_uint_eq(played.questions, 2);
	ck_assert_uint_eq(played.creations, 0);
}
END_TEST

START_TEST(a_refused_creation_names_the_repository_as_the_client_does)
{
	setup();
	played.creation_refusal = 403;
	played.answers[0] = (struct played_answer){.status = 404, .body = MISSING};
	ask("POST", "/v2/" HOST "/team/app/blobs/uploads/", NULL);
	ck_assert_uint_eq(answer.status, 403);
	ck_assert_ptr_nonnull(strstr(str_text(&answer.body), HOST "/team/app cannot be created"));
}
END_TEST

START_TEST(a_blob_in_the_post_is_preceded_by_the_repository)
{
	setup();
	played.answers[0] = (struct played_answer){.status = 201};
	ask("POST", "/v2/team/app/blobs/uploads/?digest=sha256:00", "blob");
	ck_assert_uint_eq(answer.status, 201);
	ck_assert_uint_eq(played.existence_asked, 1);
	ck_assert_uint_eq(played.creations, 1);
	ck_assert_uint_eq(played.questions, 1);
}
END_TEST

START_TEST(a_long_answer_is_pulled)
{
	setup();
	played.answers[0] = (struct played_answer){.status = 200,
	    .fields = "Transfer-Encoding: chunked\r\n",
	    .body = "a body that is longer than the buffer of this test"};
	ask("GET", "/v2/team/app/blobs/sha256:00", NULL);
	ck_assert(answer.pull);
	ck_assert_int_eq(answer.length, -1);
	ck_assert_str_eq(
	    str_text(&answer.body), "a body that is longer than the buffer of this test");
}
END_TEST

START_TEST(a_short_answer_that_is_cut_is_a_clean_error)
{
	setup();
	played.answers[0] = (struct played_answer){
	    .status = 200, .fields = "Content-Length: 10\r\n", .body = "half", .cut = true};
	ask("GET", "/v2/team/app/manifests/1", NULL);
	ck_assert_uint_eq(answer.status, 504);
}
END_TEST

START_TEST(a_head_has_a_length_and_no_body)
{
	setup();
	played.answers[0] =
	    (struct played_answer){.status = 200, .fields = "Content-Length: 1234\r\n"};
	ask("HEAD", "/v2/team/app/blobs/sha256:00", NULL);
	ck_assert_uint_eq(answer.status, 200);
	ck_assert_int_eq(answer.length, 1234);
	ck_assert_uint_eq(answer.body.len, 0);
}
END_TEST

START_TEST(an_untrusted_answer_is_a_502)
{
	setup();
	played.answers[0] = (struct played_answer){.failure = TRANSFER_MALFORMED};
	ask("GET", "/v2/team/app/manifests/1", NULL);
	ck_assert_uint_eq(answer.status, 502);
	setup();
	played.answers[0] = (struct played_answer){.failure = TRANSFER_CERTIFICATE};
	ask("GET", "/v2/team/app/manifests/1", NULL);
	ck_assert_uint_eq(answer.status, 502);
}
END_TEST

START_TEST(what_the_gate_refuses_goes_nowhere)
{
	setup();
	headers_add(&fields, "Origin", "https://evil.example");
	ask("GET", "/v2/team/app/manifests/1", NULL);
	ck_assert_uint_eq(answer.status, 403);
	ck_assert_uint_eq(played.questions, 0);
	ck_assert_uint_eq(played.tokens, 0);
}
END_TEST

START_TEST(throttling_is_absorbed)
{
	setup();
	played.answers[0] = (struct played_answer){.status = 429, .body = "{}"};
	played.answers[1] = (struct played_answer){.status = 200, .body = "{}"};
	ask("GET", "/v2/team/app/manifests/1", NULL);
	ck_assert_uint_eq(answer.status, 200);
	ck_assert_uint_eq(played.questions, 2);
}
END_TEST

UNIT(exchange, the_version_check_asks_nobody, an_existing_repository_is_asked_once,
    a_missing_one_is_created_and_asked_again, reading_never_creates,
    a_manifest_is_held_and_sent_again, a_manifest_that_is_too_large_is_refused,
    a_blob_is_streamed_once, an_early_answer_ends_the_upload, a_streamed_body_is_never_repeated,
    a_refused_token_is_replaced, a_token_refused_twice_is_no_challenge,
    silence_asks_whether_it_exists, silence_about_an_existing_one_creates_nothing,
    a_refused_creation_names_the_repository_as_the_client_does,
    a_blob_in_the_post_is_preceded_by_the_repository, a_long_answer_is_pulled,
    a_short_answer_that_is_cut_is_a_clean_error, a_head_has_a_length_and_no_body,
    an_untrusted_answer_is_a_502, what_the_gate_refuses_goes_nowhere, throttling_is_absorbed);

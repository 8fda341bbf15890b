#include "unit.h"

#include <errno.h>
#include <string.h>

#include "cred_container.h"
#include "cred_fixture.h"
#include "fake_fetch.h"

#define KEYS                                                                                      \
	"{\"AccessKeyId\": \"A\", \"SecretAccessKey\": \"S\", \"Token\": \"T\", \"Expiration\": " \
	"\"2026-01-02T04:04:05Z\", \"AccountId\": \"123456789012\"}"

static void setup(const char *full)
{
	fake_fetch_reset();
	fixture_init(NULL);
	fake_setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", full);
}

START_TEST(urls)
{
	static const struct {
		const char *relative, *full, *url;
	} cases[] = {
	    {"/v2/credentials/x-y?z=1", NULL, "http://169.254.170.2/v2/credentials/x-y?z=1"},
	    {"/a", "http://127.0.0.1/b", "http://169.254.170.2/a"},
	    {NULL, "http://127.0.0.1:8080/a?b=c", "http://127.0.0.1:8080/a?b=c"},
	    {NULL, "http://127.255.0.1/", "http://127.255.0.1/"},
	    {NULL, "http://[::1]:9/a", "http://[::1]:9/a"},
	    {NULL, "http://localhost", "http://localhost/"},
	    {NULL, "HTTP://LOCALHOST/a", "http://LOCALHOST/a"},
	    {NULL, "http://localhost:80?x", "http://localhost/?x"},
	    {NULL, "http://169.254.170.2/a", "http://169.254.170.2/a"},
	    {NULL, "http://169.254.170.23/v1/credentials", "http://169.254.170.23/v1/credentials"},
	    {NULL, "http://[fd00:ec2::23]/v1/credentials", "http://[fd00:ec2::23]/v1/credentials"},
	    {NULL, "https://example.com:8443/a", "https://example.com:8443/a"},
	    {NULL, "https://10.0.0.1/a", "https://10.0.0.1/a"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		_cleanup_str_ struct str url = {};
		struct err e = {};

		ck_assert_msg(cred_container_url(cases[i].relative, cases[i].full, &url, &e) == 0,
		    "%s", e.text);
		ck_assert_str_eq(url.data, cases[i].url);
	}
}
END_TEST

START_TEST(refused_urls)
{
	static const char *const relative[] = {"a", ".evil.example/a", ":80/a", "@evil.example/",
	    "/a b", "/a\r\nX: y", "http://127.0.0.1/"};
	static const char *const full[] = {"http://example.com/", "http://10.0.0.1/a",
	    "http://169.254.169.254/latest", "http://169.254.170.2.evil.example/",
	    "http://169.254.170.24/", "http://127.0.0.1.evil.example/", "http://128.0.0.1/",
	    "http://127.1/", "http://0x7f.0.0.1/", "http://2130706433/", "http://0177.0.0.1/",
	    "http://0.0.0.0/", "http://[::]/", "http://[::ffff:127.0.0.1]/", "http://[::2]/",
	    "http://[fd00:ec2::254]/", "http://localhost.evil.example/", "http://evil-localhost/",
	    "http://127.0.0.1@evil.example/", "http://evil.example\\@127.0.0.1/",
	    "http://127.0.0.1:80@evil.example/", "http://evil.example#@127.0.0.1/",
	    "http://evil.example?@127.0.0.1/", "http://127.0.0.1\\.evil.example/",
	    "http://[::1]evil.example/", "http://[::1", "http://127.0.0.1:0/",
	    "http://127.0.0.1:99999/", "http://127.0.0.1:/", "http:///a", "http://", "://", "",
	    "ftp://127.0.0.1/", "file:///etc/passwd", "127.0.0.1/a", "http:127.0.0.1",
	    "http://127.0.0.1/a b", "http://127.0.0.1/a\r\nX: y", "http://127.0.0.1/\xc3\xa9",
	    "https://user:SECRET@127.0.0.1/", " http://127.0.0.1/"};

	for (size_t i = 0; i < sizeof(relative) / sizeof(*relative); i++) {
		_cleanup_str_ struct str url = {};

		ck_assert_msg(
		    cred_container_url(relative[i], "http://127.0.0.1/", &url, NULL) == -EINVAL,
		    "%s", relative[i]);
	}
	for (size_t i = 0; i < sizeof(full) / sizeof(*full); i++) {
		_cleanup_str_ struct str url = {};
		struct err e = {};

		ck_assert_msg(
		    cred_container_url(NULL, full[i], &url, &e) == -EINVAL, "%s", full[i]);
		ck_assert_ptr_null(strstr(e.text, "SECRET"));
		ck_assert_ptr_null(url.data);
	}
}
END_TEST

START_TEST(no_variable)
{
	fixture_init(NULL);
	fixture_refuse(cred_container, -ENOENT, "");
	fake_setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "t");
	fixture_refuse(cred_container, -ENOENT, "");
	fixture_finish();
}
END_TEST

START_TEST(what_it_answers)
{
	_cleanup_(credentials_unrefp) struct credentials *credentials = NULL;

	setup("http://localhost:1234/creds");
	fake_answer((struct fake_answer){.status = 200, .body = KEYS});
	credentials = fixture_get(cred_container, "A");
	ck_assert_str_eq(credentials->session_token, "T");
	ck_assert_int_eq(credentials->expires_s, FIXTURE_NOW_S + 3600);
	ck_assert_str_eq(credentials->account, "123456789012");
	ck_assert_str_eq(credentials->source, "container-role");
	ck_assert_str_eq(fake_asked[0].method, "GET");
	ck_assert_str_eq(fake_asked[0].url, "http://localhost:1234/creds");
	ck_assert(fake_asked[0].direct);
	ck_assert_int_le(fake_asked[0].deadline_ms, clock_mono_ms() + 2000);
	ck_assert_ptr_null(headers_get(&fake_asked[0].headers, "Authorization"));
	ck_assert_str_eq(headers_get(&fake_asked[0].headers, "Accept"), "application/json");
	fixture_finish();
}
END_TEST

START_TEST(with_a_token)
{
	char path[64];

	setup("http://localhost/");
	fake_setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "Bearer of variable");
	fake_answer((struct fake_answer){.status = 200, .body = KEYS});
	credentials_unref(fixture_get(cred_container, "A"));
	ck_assert_str_eq(
	    headers_get(&fake_asked[0].headers, "Authorization"), "Bearer of variable");
	/* The file wins, and is read each time. */
	snprintf(path, sizeof(path), "%s/token", fake_home);
	fake_setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", path);
	for (int i = 1; i <= 2; i++) {
		fake_home_write("token", i == 1 ? "first" : "second");
		fake_answer((struct fake_answer){.status = 200, .body = KEYS});
		credentials_unref(fixture_get(cred_container, "A"));
		ck_assert_str_eq(headers_get(&fake_asked[i].headers, "Authorization"),
		    i == 1 ? "first" : "second");
	}
	fixture_finish();
}
END_TEST

START_TEST(tokens_that_cannot_be_sent)
{
	static const char *const tokens[] = {
	    "SECRET\n", "SECRET\r\nX: y", "SECRET\rX", "\tSECRET", "SECRET\x7f"};
	char path[64];

	setup("http://localhost/");
	for (size_t i = 0; i < sizeof(tokens) / sizeof(*tokens); i++) {
		fake_setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", tokens[i]);
		fixture_refuse(cred_container, -EINVAL,
		    "AWS_CONTAINER_AUTHORIZATION_TOKEN holds a line's end");
	}
	snprintf(path, sizeof(path), "%s/token", fake_home);
	fake_setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", path);
	fixture_refuse(cred_container, -EINVAL, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
	fake_home_write("token", "SECRET\n");
	fixture_refuse(cred_container, -EINVAL, "/token holds a line's end");
	ck_assert_uint_eq(fake_fetches, 0);
	fixture_finish();
}
END_TEST

START_TEST(asked_three_times)
{
	setup("http://localhost/");
	fake_answer((struct fake_answer){.result = -ECONNREFUSED});
	fake_answer((struct fake_answer){.status = 500, .body = "oops"});
	fake_answer((struct fake_answer){.status = 200, .body = KEYS});
	credentials_unref(fixture_get(cred_container, "A"));
	for (int i = 0; i < 2; i++)
		fake_answer((struct fake_answer){.result = -ETIMEDOUT});
	fake_answer((struct fake_answer){.status = 401,
	    .body = "{\"code\": \"Nope\", \"message\": "
		    "\"go away\"}"});
	fixture_refuse(
	    cred_container, -EIO, "(AWS_CONTAINER_CREDENTIALS_FULL_URI): it answers Nope: go away");
	ck_assert_uint_eq(fake_fetches, 6);
	fixture_finish();
}
END_TEST

START_TEST(answers_that_are_none)
{
	static const struct {
		struct fake_answer answer;
		int code;
		const char *words;
	} cases[] = {
	    {{.status = 200, .body = "SECRET"}, -EBADMSG, "no JSON"},
	    {{.status = 200, .body = "{\"AccessKeyId\": \"SECRET\"}"}, -EBADMSG,
		"no \"SecretAccessKey\""},
	    {{.status = 200}, -EBADMSG, "no JSON"},
	    {{.status = 301}, -EIO, "it answers HTTP 301"},
	    {{.result = -EMSGSIZE}, -EMSGSIZE, "fetch's own text"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		setup("http://localhost/");
		for (int j = 0; j < 3; j++)
			fake_answer(cases[i].answer);
		fixture_refuse(cred_container, cases[i].code, cases[i].words);
		fixture_finish();
	}
}
END_TEST

START_TEST(the_daemon_stops)
{
	int64_t start_ms = clock_mono_ms();

	setup("http://localhost/");
	fake_answer((struct fake_answer){.result = -ECANCELED});
	fixture_refuse(cred_container, -ECANCELED, "fetch's own text");
	stop_now(&fixture_stop);
	fake_answer((struct fake_answer){.result = -ECONNREFUSED});
	fixture_refuse(cred_container, -ECANCELED, "this daemon stops");
	ck_assert_int_lt(clock_mono_ms() - start_ms, 900);
	fixture_finish();
}
END_TEST

UNIT(cred_container, urls, refused_urls, no_variable, what_it_answers, with_a_token,
    tokens_that_cannot_be_sent, asked_three_times, answers_that_are_none, the_daemon_stops);

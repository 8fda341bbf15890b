#include "unit.h"

#include <errno.h>
#include <string.h>

#include "file.h"
#include "sso_fixture.h"
#include "sso_token.h"

#define RENEWABLE                                                                       \
	"\"clientId\": \"I\", \"clientSecret\": \"CS\\\"1\", \"refreshToken\": \"R\", " \
	"\"registrationExpiresAt\": \"2026-02-02T00:00:00Z\", \"other\": 1}"
#define TOKEN_UNTIL(time) "{\"accessToken\": \"OLD\", \"expiresAt\": \"2026-01-02T" time "Z\", "
/* The clock stands at 03:04:05. */
#define EXPIRED TOKEN_UNTIL("03:04:05") RENEWABLE
#define SOON    TOKEN_UNTIL("03:19:05") RENEWABLE
#define LATE    TOKEN_UNTIL("03:19:06") RENEWABLE

static int get(char **ret, struct err *e)
{
	_cleanup_(sso_settings_finish) struct sso_settings settings = {};

	ck_assert_int_eq(sso_settings_read(&fixture_sources, &settings, e), 0);
	return sso_token_get(&settings, &fixture_sources, "https://oidc.example", ret, e);
}

static void check(const char *token)
{
	_cleanup_(secret_freep) char *got = NULL;
	struct err e = {};

	ck_assert_msg(get(&got, &e) == 0, "%s", e.text);
	ck_assert_str_eq(got, token);
}

static void check_refused(int code, const char *words)
{
	char *token = NULL;
	struct err e = {};

	ck_assert_int_eq(get(&token, &e), code);
	ck_assert_msg(strstr(e.text, words), "%s", e.text);
	ck_assert_msg(!strstr(e.text, "CS\"1"), "%s", e.text);
	ck_assert_ptr_null(token);
}

START_TEST(long_enough)
{
	sso_init(SSO_NEW);
	sso_write(SSO_NEW_FILE, LATE);
	check("OLD");
	fixture_finish();
	/* The older form has no renewal, and none is needed before the end. */
	sso_init(SSO_OLD);
	sso_write(SSO_OLD_FILE, TOKEN_UNTIL("03:04:06") "\"x\": 1}");
	check("OLD");
	ck_assert_uint_eq(fake_fetches, 0);
	fixture_finish();
}
END_TEST

START_TEST(nobody_signed_in)
{
	sso_init(SSO_NEW);
	check_refused(-EACCES, "run `aws sso login --profile default`");
	fixture_finish();
	sso_init(SSO_OLD);
	sso_write(SSO_OLD_FILE, EXPIRED);
	check_refused(-EACCES, "has expired: run `aws sso login --profile default`");
	fixture_finish();
}
END_TEST

START_TEST(renewed)
{
	static const char *const before[] = {EXPIRED, SOON};
	char path[128];

	for (size_t i = 0; i < 2; i++) {
		_cleanup_str_ struct str text = {};
		struct stat st;

		sso_init(SSO_NEW);
		sso_write(SSO_NEW_FILE, before[i]);
		fake_answer((struct fake_answer){.status = 200,
		    .body = "{\"accessToken\": \"NEW\", \"tokenType\": \"Bearer\", "
			    "\"expiresIn\": 28800, \"refreshToken\": \"R2\"}"});
		check("NEW");
		ck_assert_str_eq(fake_asked[0].method, "POST");
		ck_assert_str_eq(fake_asked[0].url, "https://oidc.example/token");
		ck_assert_str_eq(
		    headers_get(&fake_asked[0].headers, "Content-Type"), "application/json");
		ck_assert_str_eq(fake_asked[0].body.data,
		    "{\"grantType\": \"refresh_token\", \"clientId\": \"I\", "
		    "\"clientSecret\": \"CS\\\"1\", \"refreshToken\": \"R\"}");
		sso_path(SSO_NEW_FILE, path);
		ck_assert_int_eq(file_read(path, 10000, &text), 0);
		ck_assert_str_eq(text.data,
		    "{\"clientId\": \"I\", \"clientSecret\": \"CS\\\"1\", "
		    "\"registrationExpiresAt\": \"2026-02-02T00:00:00Z\", \"other\": 1, "
		    "\"accessToken\": \"NEW\", \"expiresAt\": \"2026-01-02T11:04:05Z\", "
		    "\"refreshToken\": \"R2\"}");
		ck_assert_int_eq(stat(path, &st), 0);
		ck_assert_int_eq(st.st_mode, S_IFREG | 0600);
		/* That one serves from now on. */
		check("NEW");
		ck_assert_uint_eq(fake_fetches, 1);
		fixture_finish();
	}
}
END_TEST

static const struct {
	struct fake_answer answer;
	const char *words;
} failures[] = {
    {{.status = 400, .error_type = "InvalidGrantException", .body = "{\"error\": \"x\"}"},
	"(https://oidc.example answers InvalidGrantException"},
    {{.status = 500}, "answers HTTP 500"},
    {{.result = -ECONNREFUSED}, "(fetch's own text)"},
    {{.status = 200}, "with no token"},
    {{.status = 200, .body = "[1]"}, "with no token"},
    {{.status = 200, .body = "{\"accessToken\": \"NEW\"}"}, "with no token"},
    {{.status = 200, .body = "{\"expiresIn\": 100}"}, "with no token"},
    {{.status = 200, .body = "{\"accessToken\": \"N\", \"expiresIn\": 1e300}"}, "no token"},
    {{.status = 200, .body = "{\"accessToken\": \"N\", \"expiresIn\": -1e300}"}, "no token"},
    {{.status = 200, .body = "{\"accessToken\": \"N\", \"expiresIn\": \"9\"}"}, "no token"},
    {{.status = 200, .body = "{\"accessToken\": \"a\\r\\nb: c\", \"expiresIn\": 9}"}, "no token"},
};

START_TEST(the_old_one_serves_when_it_cannot_be_renewed)
{
	for (size_t i = 0; i < sizeof(failures) / sizeof(*failures); i++) {
		sso_init(SSO_NEW);
		sso_write(SSO_NEW_FILE, SOON);
		fake_answer(failures[i].answer);
		check("OLD");
		ck_assert_uint_eq(fake_fetches, 1);
		fixture_finish();
	}
}
END_TEST

START_TEST(expired_and_cannot_be_renewed)
{
	for (size_t i = 0; i < sizeof(failures) / sizeof(*failures); i++) {
		sso_init(SSO_NEW);
		sso_write(SSO_NEW_FILE, EXPIRED);
		fake_answer(failures[i].answer);
		check_refused(-EACCES, failures[i].words);
		fake_answer(failures[i].answer);
		check_refused(-EACCES, "run `aws sso login --profile default`");
		fixture_finish();
	}
}
END_TEST

START_TEST(nothing_to_renew_it_with)
{
	static const char *const rests[] = {"\"x\": 1}",
	    "\"clientId\": \"I\", \"clientSecret\": \"S\", \"refreshToken\": \"R\"}",
	    "\"clientId\": \"I\", \"clientSecret\": \"S\", \"refreshToken\": 7, "
	    "\"registrationExpiresAt\": \"2026-02-02T00:00:00Z\"}",
	    "\"clientId\": \"I\", \"clientSecret\": \"S\", \"refreshToken\": \"R\", "
	    "\"registrationExpiresAt\": \"2026-01-02T03:04:05Z\"}",
	    "\"clientId\": \"I\", \"clientSecret\": \"S\", \"refreshToken\": \"R\", "
	    "\"registrationExpiresAt\": \"later\"}"};
	char text[512];

	for (size_t i = 0; i < sizeof(rests) / sizeof(*rests); i++) {
		sso_init(SSO_NEW);
		snprintf(text, sizeof(text), "%s%s", TOKEN_UNTIL("03:10:00"), rests[i]);
		sso_write(SSO_NEW_FILE, text);
		check("OLD");
		snprintf(text, sizeof(text), "%s%s", TOKEN_UNTIL("03:00:00"), rests[i]);
		sso_write(SSO_NEW_FILE, text);
		check_refused(-EACCES,
		    "the token of the sso-session \"corp\" has expired: run `aws sso login");
		ck_assert_uint_eq(fake_fetches, 0);
		fixture_finish();
	}
}
END_TEST

static void renewed_by_another(void)
{
	sso_write(
	    SSO_NEW_FILE, "{\"accessToken\": \"THEIRS\", \"expiresAt\": \"2026-01-02T11:00:00Z\"}");
}

START_TEST(somebody_else_renewed_it_meanwhile)
{
	sso_init(SSO_NEW);
	sso_write(SSO_NEW_FILE, EXPIRED);
	fake_answer((struct fake_answer){.status = 400, .before = renewed_by_another});
	check("THEIRS");
	fixture_finish();
}
END_TEST

static void put_a_folder_in_its_place(void)
{
	char path[128];

	sso_path(SSO_NEW_FILE, path);
	ck_assert_int_eq(remove(path), 0);
	ck_assert_int_eq(mkdir(path, 0700), 0);
}

START_TEST(a_file_that_cannot_be_written)
{
	sso_init(SSO_NEW);
	sso_write(SSO_NEW_FILE, EXPIRED);
	fake_answer((struct fake_answer){.status = 200,
	    .body = "{\"accessToken\": \"NEW\", \"expiresIn\": 100}",
	    .before = put_a_folder_in_its_place});
	check("NEW");
	fixture_finish();
}
END_TEST

START_TEST(the_daemon_stops)
{
	sso_init(SSO_NEW);
	sso_write(SSO_NEW_FILE, SOON);
	fake_answer((struct fake_answer){.result = -ECANCELED});
	check_refused(-ECANCELED, "fetch's own text");
	fixture_finish();
}
END_TEST

UNIT(sso_token, long_enough, nobody_signed_in, renewed,
    the_old_one_serves_when_it_cannot_be_renewed, expired_and_cannot_be_renewed,
    nothing_to_renew_it_with, somebody_else_renewed_it_meanwhile, a_file_that_cannot_be_written,
    the_daemon_stops);

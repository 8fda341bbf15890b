#include "unit.h"

#include <errno.h>
#include <string.h>

#include "cred_sso.h"
#include "sso_fixture.h"

#define VALID "{\"accessToken\": \"TOKEN\", \"expiresAt\": \"2026-01-02T11:00:00Z\"}"
#define KEYS                                                                          \
	"{\"roleCredentials\": {\"accessKeyId\": \"A\", \"secretAccessKey\": \"S\", " \
	"\"sessionToken\": \"T\", \"expiration\": 1767326645000}}"

static void setup(const char *config, const char *file)
{
	sso_init(config);
	sso_write(file, VALID);
}

static void say(unsigned status, const char *body)
{
	fake_answer((struct fake_answer){.status = status, .body = body});
}

START_TEST(both_forms)
{
	static const struct {
		const char *config, *file;
	} forms[] = {{SSO_NEW, SSO_NEW_FILE}, {SSO_OLD, SSO_OLD_FILE}};

	for (size_t i = 0; i < 2; i++) {
		_cleanup_(credentials_unrefp) struct credentials *credentials = NULL;

		setup(forms[i].config, forms[i].file);
		say(200, KEYS);
		credentials = fixture_get(cred_sso, "A");
		ck_assert_str_eq(credentials->secret_access_key, "S");
		ck_assert_str_eq(credentials->session_token, "T");
		ck_assert_int_eq(credentials->expires_s, FIXTURE_NOW_S + 3600);
		ck_assert_str_eq(credentials->account, "123456789012");
		ck_assert_str_eq(credentials->source, "sso");
		ck_assert_str_eq(fake_asked[0].method, "GET");
		ck_assert_str_eq(fake_asked[0].url,
		    "https://portal.sso.eu-central-1.amazonaws.com/federation/credentials?"
		    "role_name=Dev&account_id=123456789012");
		ck_assert_str_eq(
		    headers_get(&fake_asked[0].headers, "x-amz-sso_bearer_token"), "TOKEN");
		ck_assert_ptr_null(headers_get(&fake_asked[0].headers, "Authorization"));
		fixture_finish();
	}
}
END_TEST

START_TEST(where_it_is_asked)
{
	setup("[default]\nsso_session = corp\nsso_account_id = 1&x=2\nsso_role_name = a b+c=@,.\n"
	      "services = here\n" SSO_SESSION
	      "[services here]\nsso =\n  endpoint_url = http://127.0.0.1:5\n",
	    SSO_NEW_FILE);
	say(200, KEYS);
	credentials_unref(fixture_get(cred_sso, "A"));
	ck_assert_str_eq(fake_asked[0].url,
	    "http://127.0.0.1:5/federation/credentials?role_name=a%20b%2Bc%3D%40%2C.&account_id="
	    "1%26x%3D2");
	fake_setenv("AWS_ENDPOINT_URL_SSO", "http://127.0.0.1:6");
	say(200, KEYS);
	credentials_unref(fixture_get(cred_sso, "A"));
	ck_assert_ptr_nonnull(strstr(fake_asked[1].url, "http://127.0.0.1:6/federation"));
	fixture_finish();
}
END_TEST

START_TEST(renewed_before)
{
	sso_init(SSO_NEW);
	sso_write(SSO_NEW_FILE,
	    "{\"accessToken\": \"OLD\", \"expiresAt\": \"2026-01-02T03:05:00Z\", "
	    "\"clientId\": \"I\", \"clientSecret\": \"S\", \"refreshToken\": "
	    "\"R\", \"registrationExpiresAt\": \"2026-02-02T03:05:00Z\"}");
	fake_setenv("AWS_ENDPOINT_URL_SSO_OIDC", "http://127.0.0.1:7");
	say(200, "{\"accessToken\": \"NEW\", \"expiresIn\": 100}");
	say(200, KEYS);
	credentials_unref(fixture_get(cred_sso, "A"));
	ck_assert_str_eq(fake_asked[0].url, "http://127.0.0.1:7/token");
	ck_assert_str_eq(headers_get(&fake_asked[1].headers, "x-amz-sso_bearer_token"), "NEW");
	fixture_finish();
}
END_TEST

START_TEST(not_its_business)
{
	fixture_init("[default]\nregion = eu-west-1\n");
	fixture_refuse(cred_sso, -ENOENT, "");
	fixture_finish();
}
END_TEST

START_TEST(refused)
{
	static const struct {
		struct fake_answer answer;
		int code;
		const char *words;
	} cases[] = {
	    {{.status = 401, .error_type = "UnauthorizedException", .body = "{}"}, -EACCES,
		"run `aws sso login --profile default`"},
	    {{.status = 403,
		 .error_type = "ForbiddenException",
		 .body = "{\"message\": \"No access\"}"},
		-EACCES, "role Dev in account 123456789012 (ForbiddenException: No access)"},
	    {{.status = 302}, -EACCES, "HTTP 302"},
	    {{.status = 200, .body = "SECRET"}, -EPROTO, "no JSON object"},
	    {{.status = 200, .body = "{}"}, -EPROTO, "no JSON object"},
	    {{.status = 200, .body = "{\"roleCredentials\": {\"accessKeyId\": \"A\"}}"}, -EPROTO,
		"no \"secretAccessKey\""},
	    {{.status = 200,
		 .body = "{\"roleCredentials\": {\"accessKeyId\": \"A\\n\", "
			 "\"secretAccessKey\": \"SECRET\", \"sessionToken\": \"T\", "
			 "\"expiration\": 1}}"},
		-EPROTO, "what no key has"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		setup(SSO_NEW, SSO_NEW_FILE);
		fake_answer(cases[i].answer);
		fixture_refuse(cred_sso, cases[i].code, cases[i].words);
		ck_assert_uint_eq(fake_fetches, 1);
		fixture_finish();
	}
}
END_TEST

START_TEST(asked_again)
{
	setup(SSO_NEW, SSO_NEW_FILE);
	fake_answer((struct fake_answer){.result = -ECONNREFUSED});
	say(503, "");
	say(200, KEYS);
	credentials_unref(fixture_get(cred_sso, "A"));
	for (int i = 0; i < 2; i++)
		say(500, "");
	fake_answer((struct fake_answer){
	    .status = 429, .error_type = "TooManyRequestsException", .body = "{}"});
	fixture_refuse(cred_sso, -EACCES, "TooManyRequestsException");
	for (int i = 0; i < 3; i++)
		fake_answer((struct fake_answer){.result = -ECONNREFUSED});
	fixture_refuse(cred_sso, -ECONNREFUSED, "fetch's own text");
	fixture_finish();
}
END_TEST

START_TEST(broken_settings)
{
	setup("[default]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = R\n"
	      "[sso-session corp]\nsso_start_url = U\nsso_region = nowhere\n",
	    SSO_NEW_FILE);
	fixture_refuse(cred_sso, -EINVAL, "\"nowhere\" is no AWS region");
	fixture_finish();
	setup("[default]\nsso_account_id = 1\n", SSO_NEW_FILE);
	fixture_refuse(cred_sso, -EINVAL, "no sso_role_name");
	fixture_finish();
}
END_TEST

START_TEST(the_daemon_stops)
{
	setup(SSO_NEW, SSO_NEW_FILE);
	stop_now(&fixture_stop);
	fake_answer((struct fake_answer){.result = -ECONNREFUSED});
	fixture_refuse(cred_sso, -ECANCELED, "this daemon stops");
	fixture_finish();
}
END_TEST

UNIT(cred_sso, both_forms, where_it_is_asked, renewed_before, not_its_business, refused,
    asked_again, broken_settings, the_daemon_stops);

#include "unit.h"

#include <errno.h>
#include <string.h>

#include "cred_fixture.h"
#include "cred_imds.h"
#include "fake_fetch.h"

#define BASE  "http://169.254.169.254"
#define ROLES BASE "/latest/meta-data/iam/security-credentials/"
#define KEYS_OF(expiration)                                                            \
	"{\"Code\": \"Success\", \"AccessKeyId\": \"A\", \"SecretAccessKey\": \"S\", " \
	"\"Token\": \"T\", \"Expiration\": \"" expiration "\"}"
/* Six hours on. */
#define KEYS KEYS_OF("2026-01-02T09:04:05Z")

static void setup(void)
{
	fake_fetch_reset();
	fixture_init(NULL);
}

static void say(unsigned status, const char *body)
{
	fake_answer((struct fake_answer){.status = status, .body = body});
}

static void break_off(int result)
{
	fake_answer((struct fake_answer){.result = result});
}

static void check_asked(size_t i, const char *method, const char *url, const char *token)
{
	ck_assert_str_eq(fake_asked[i].method, method);
	ck_assert_str_eq(fake_asked[i].url, url);
	ck_assert(fake_asked[i].direct);
	ck_assert_pstr_eq(headers_get(&fake_asked[i].headers, "x-aws-ec2-metadata-token"), token);
}

START_TEST(version_2)
{
	_cleanup_(credentials_unrefp) struct credentials *credentials = NULL;

	setup();
	say(200, "TOKEN==");
	say(200, "my.role+=,@_-1\n");
	say(200, KEYS);
	credentials = fixture_get(cred_imds, "A");
	ck_assert_str_eq(credentials->session_token, "T");
	ck_assert_str_eq(credentials->source, "iam-role");
	ck_assert_int_eq(credentials->expires_s, FIXTURE_NOW_S + 6 * 3600);
	check_asked(0, "PUT", BASE "/latest/api/token", NULL);
	ck_assert_str_eq(
	    headers_get(&fake_asked[0].headers, "x-aws-ec2-metadata-token-ttl-seconds"), "21600");
	ck_assert_int_le(fake_asked[0].deadline_ms, clock_mono_ms() + 1000);
	check_asked(1, "GET", ROLES, "TOKEN==");
	check_asked(2, "GET", ROLES "my.role+=,@_-1", "TOKEN==");
	fixture_finish();
}
END_TEST

START_TEST(version_1)
{
	static const struct fake_answer no_token[] = {{.status = 403}, {.status = 404},
	    {.status = 405}, {.status = 500}, {.status = 200}, {.status = 200, .body = "a\r\nb: c"},
	    {.result = -ETIMEDOUT}, {.result = -ECONNREFUSED}, {.result = -EMSGSIZE}};

	for (size_t i = 0; i < sizeof(no_token) / sizeof(*no_token); i++) {
		setup();
		fake_answer(no_token[i]);
		say(200, "role");
		say(200, KEYS);
		credentials_unref(fixture_get(cred_imds, "A"));
		check_asked(1, "GET", ROLES, NULL);
		check_asked(2, "GET", ROLES "role", NULL);
		fixture_finish();
	}
}
END_TEST

START_TEST(version_1_is_off)
{
	setup();
	fake_setenv("AWS_EC2_METADATA_V1_DISABLED", "true");
	break_off(-ETIMEDOUT);
	fixture_refuse(cred_imds, -EACCES, "hop limit");
	say(200, "TOKEN");
	say(200, "role");
	say(200, KEYS);
	credentials_unref(fixture_get(cred_imds, "A"));
	fixture_finish();
}
END_TEST

START_TEST(it_is_not_asked)
{
	setup();
	fake_setenv("AWS_EC2_METADATA_DISABLED", "True");
	fixture_refuse(cred_imds, -ENOENT, "AWS_EC2_METADATA_DISABLED");
	fake_setenv("AWS_METADATA_SERVICE_TIMEOUT", "x");
	fixture_refuse(cred_imds, -EINVAL, "AWS_METADATA_SERVICE_TIMEOUT");
	ck_assert_uint_eq(fake_fetches, 0);
	fixture_finish();
}
END_TEST

START_TEST(there_is_none)
{
	static const int results[] = {-ECONNREFUSED, -ETIMEDOUT, -EIO};

	for (size_t i = 0; i < sizeof(results) / sizeof(*results); i++) {
		setup();
		break_off(results[i]);
		break_off(results[i]);
		fixture_refuse(cred_imds, -ENOENT, "no instance metadata service answers at " BASE);
		fixture_finish();
	}
}
END_TEST

START_TEST(the_hop_limit)
{
	setup();
	break_off(-ETIMEDOUT);
	say(401, "");
	fixture_refuse(cred_imds, -ENOENT, "--http-put-response-hop-limit 2");
	fixture_finish();
}
END_TEST

START_TEST(no_credentials_there)
{
	static const struct {
		struct fake_answer token, role, keys;
		const char *words;
	} cases[] = {
	    {{.status = 400}, {}, {}, "calls our request for a token bad"},
	    {{.status = 200, .body = "T"}, {.status = 404}, {}, "attach an instance profile"},
	    {{.status = 200, .body = "T"}, {.status = 200}, {}, "with HTTP 200"},
	    {{.status = 200, .body = "T"}, {.result = -EIO}, {}, "breaks off"},
	    {{.status = 200, .body = "T"}, {.status = 200, .body = "a/../b"}, {}, "no role's name"},
	    {{.status = 200, .body = "T"}, {.status = 200, .body = "a b"}, {}, "no role's name"},
	    {{.status = 200, .body = "T"}, {.status = 200, .body = "\r\nX"}, {}, "no role's name"},
	    {{.status = 200, .body = "T"},
		{.status = 200,
		    .body = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
		{}, "no role's name"},
	    {{.status = 200, .body = "T"}, {.status = 200, .body = "r"}, {.status = 404},
		"security-credentials/r with HTTP 404"},
	    {{.status = 200, .body = "T"}, {.status = 200, .body = "r"},
		{.status = 200, .body = "SECRET"}, "no JSON"},
	    {{.status = 200, .body = "T"}, {.status = 200, .body = "r"},
		{.status = 200, .body = "{\"Code\": \"Success\"}"}, "no \"AccessKeyId\""},
	    {{.status = 200, .body = "T"}, {.status = 200, .body = "r"},
		{.status = 200,
		    .body = "{\"Code\": \"AssumeRoleUnauthorizedAccess\", \"Message\": \"no\"}"},
		"AssumeRoleUnauthorizedAccess: no"},
	    {{.status = 200, .body = "T"}, {.status = 200, .body = "r"},
		{.status = 200, .body = "{\"Code\": \"Failed\"}"}, "says Failed:"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		setup();
		fake_answer(cases[i].token);
		fake_answer(cases[i].role);
		fake_answer(cases[i].keys);
		fixture_refuse(cred_imds, -ENOENT, cases[i].words);
		fixture_finish();
	}
}
END_TEST

START_TEST(more_tries)
{
	setup();
	fake_setenv("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "3");
	fake_setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:8/");
	say(500, "");
	break_off(-ECONNREFUSED);
	say(200, "TOKEN");
	say(503, "");
	say(200, "");
	say(200, "role");
	break_off(-ETIMEDOUT);
	say(404, "");
	say(200, KEYS);
	credentials_unref(fixture_get(cred_imds, "A"));
	ck_assert_uint_eq(fake_fetches, 9);
	check_asked(
	    8, "GET", "http://127.0.0.1:8/latest/meta-data/iam/security-credentials/role", "TOKEN");
	fixture_finish();
}
END_TEST

START_TEST(the_daemon_stops)
{
	setup();
	break_off(-ECANCELED);
	fixture_refuse(cred_imds, -ECANCELED, "fetch's own text");
	say(200, "TOKEN");
	break_off(-ECANCELED);
	fixture_refuse(cred_imds, -ECANCELED, "fetch's own text");
	fixture_finish();
}
END_TEST

START_TEST(expired_ones_go_on)
{
	_cleanup_(credentials_unrefp) struct credentials *credentials = NULL;

	setup();
	say(200, "TOKEN");
	say(200, "role");
	say(200, KEYS_OF("2026-01-02T02:00:00Z"));
	credentials = fixture_get(cred_imds, "A");
	ck_assert_int_ge(credentials->expires_s, FIXTURE_NOW_S + 17 * 60);
	ck_assert_int_le(credentials->expires_s, FIXTURE_NOW_S + 25 * 60);
	fixture_finish();
	ck_assert_int_eq(cred_imds_expiry_s(5000, 1000, 120), 5000);
	ck_assert_int_eq(cred_imds_expiry_s(2021, 1000, 120), 2021);
	ck_assert_int_eq(cred_imds_expiry_s(2020, 1000, 120), 2020);
	ck_assert_int_eq(cred_imds_expiry_s(2019, 1000, 120), 2020);
	ck_assert_int_eq(cred_imds_expiry_s(0, 1000, 600), 2500);
}
END_TEST

UNIT(cred_imds, version_2, version_1, version_1_is_off, it_is_not_asked, there_is_none,
    the_hop_limit, no_credentials_there, more_tries, the_daemon_stops, expired_ones_go_on);

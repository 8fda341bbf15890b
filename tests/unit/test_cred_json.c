#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cred_json.h"

static int parse(
    const char *text, const struct cred_json_form *form, struct credentials **ret, struct err *e)
{
	_cleanup_str_ struct str json = {};

	ck_assert_int_eq(str_append_text(&json, text), 0);
	return cred_json_parse(&json, form, ret, e);
}

START_TEST(of_a_machine)
{
	const struct cred_json_form form = cred_json_machine("iam-role");
	_cleanup_(credentials_unrefp) struct credentials *credentials = NULL;

	ck_assert_int_eq(parse("{\"Code\": \"Success\", \"AccessKeyId\": \"A\", "
			       "\"SecretAccessKey\": \"S/+\", \"Token\": \"T==\", \"Expiration\": "
			       "\"2026-01-02T03:04:05Z\", \"AccountId\": \"123456789012\"}",
			     &form, &credentials, NULL),
	    0);
	ck_assert_str_eq(credentials->access_key_id, "A");
	ck_assert_str_eq(credentials->secret_access_key, "S/+");
	ck_assert_str_eq(credentials->session_token, "T==");
	ck_assert_int_eq(credentials->expires_s, 1767323045);
	ck_assert_str_eq(credentials->account, "123456789012");
	ck_assert_str_eq(credentials->source, "iam-role");
}
END_TEST

START_TEST(lasting_ones)
{
	static const char *const texts[] = {
	    "{\"AccessKeyId\": \"A\", \"SecretAccessKey\": \"S\"}",
	    "{\"AccessKeyId\": \"A\", \"SecretAccessKey\": \"S\", \"Token\": null, "
	    "\"Expiration\": null, \"AccountId\": null}",
	    "{\"AccessKeyId\": \"A\", \"SecretAccessKey\": \"S\", \"Token\": \"\", "
	    "\"Expiration\": \"\", \"AccountId\": 7}",
	};
	struct cred_json_form form = cred_json_machine("custom-process");

	form.lasting = true;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		_cleanup_(credentials_unrefp) struct credentials *credentials = NULL;

		ck_assert_int_eq(parse(texts[i], &form, &credentials, NULL), 0);
		ck_assert_ptr_null(credentials->session_token);
		ck_assert_ptr_null(credentials->account);
		ck_assert_int_eq(credentials->expires_s, 0);
	}
}
END_TEST

static const struct cred_json_form in_milliseconds = {.source = "sso",
    .id = "i",
    .secret = "s",
    .token = "t",
    .expiration = "e",
    .milliseconds = true};

START_TEST(milliseconds)
{
	static const char *const bad[] = {
	    "0", "-1", "\"1767323045000\"", "null", "1e300", "253402300799001", "true", "{}"};
	_cleanup_(credentials_unrefp) struct credentials *credentials = NULL;
	struct err e = {};
	char text[128];

	ck_assert_int_eq(parse("{\"i\": \"A\", \"s\": \"S\", \"t\": \"T\", \"e\": 1767323045999}",
			     &in_milliseconds, &credentials, NULL),
	    0);
	ck_assert_int_eq(credentials->expires_s, 1767323045);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct credentials *none = NULL;

		snprintf(text, sizeof(text),
		    "{\"i\": \"A\", \"s\": \"S\", \"t\": \"T\", \"e\": %s}", bad[i]);
		ck_assert_int_eq(parse(text, &in_milliseconds, &none, &e), -EBADMSG);
		ck_assert_str_eq(e.text, "its \"e\" is no time in milliseconds");
		ck_assert_ptr_null(none);
	}
}
END_TEST

#define SECRET "\"SecretAccessKey\": \"SECRET\""
#define TOKEN  "\"Token\": \"TOKEN\""
#define END    "\"Expiration\": \"2026-01-02T03:04:05Z\""
#define ID     "\"AccessKeyId\": \"A\""

START_TEST(what_is_wrong_with_it)
{
	static const struct {
		const char *text, *reason;
	} cases[] = {
	    {"", "no JSON"},
	    {"SECRET", "no JSON"},
	    {"{", "no JSON"},
	    {"[]", "no JSON object"},
	    {"\"SECRET\"", "no JSON object"},
	    {"null", "no JSON object"},
	    {"{}", "no \"AccessKeyId\""},
	    {"{" ID "," TOKEN "," END "}", "no \"SecretAccessKey\""},
	    {"{" ID "," SECRET "," END "}", "no \"Token\""},
	    {"{" ID "," SECRET "," TOKEN "}", "no \"Expiration\""},
	    {"{" ID "," SECRET ",\"Token\": null," END "}", "no \"Token\""},
	    {"{\"AccessKeyId\": 7," SECRET "," TOKEN "," END "}", "\"AccessKeyId\" is no string"},
	    {"{" ID ",\"SecretAccessKey\": [\"SECRET\"]," TOKEN "," END "}", "is no string"},
	    {"{" ID "," SECRET ",\"Token\": {}," END "}", "\"Token\" is no string"},
	    {"{" ID "," SECRET ",\"Token\": \"SECRET\\u0000\"," END "}", "\"Token\" is no string"},
	    {"{" ID "," SECRET "," TOKEN ",\"Expiration\": 1767323045}", "is no string"},
	    {"{" ID "," SECRET "," TOKEN ",\"Expiration\": \"soon\"}", "is no ISO 8601 time"},
	    {"{" ID "," SECRET "," TOKEN ",\"Expiration\": \"2026-01-02T03:04:05\"}", "zone"},
	    {"{\"AccessKeyId\": \"A\\r\\nX: y\"," SECRET "," TOKEN "," END "}", "what no key has"},
	    {"{" ID ",\"SecretAccessKey\": \"SECRET \"," TOKEN "," END "}", "what no key has"},
	    {"{" ID "," SECRET ",\"Token\": \"SECRET\\n\"," END "}", "what no key has"},
	    {"{\"AccessKeyId\": \"\"," SECRET "," TOKEN "," END "}", "empty"},
	    {"{" ID "," SECRET ",\"Token\": \"\"," END "}", "empty"},
	};
	const struct cred_json_form form = cred_json_machine("iam-role");

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct credentials *credentials = NULL;
		struct err e = {};

		ck_assert_int_eq(parse(cases[i].text, &form, &credentials, &e), -EBADMSG);
		ck_assert_msg(strstr(e.text, cases[i].reason), "%s: %s", cases[i].text, e.text);
		ck_assert_ptr_null(strstr(e.text, "SECRET"));
		ck_assert_ptr_null(credentials);
	}
}
END_TEST

UNIT(cred_json, of_a_machine, lasting_ones, milliseconds, what_is_wrong_with_it);

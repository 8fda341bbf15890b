#include "unit.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "cred_fixture.h"
#include "cred_process.h"

#define KEYS "\"Version\": 1, \"AccessKeyId\": \"A\", \"SecretAccessKey\": \"S\""

/* A profile whose program prints this; what it prints holds no single quote. */
static void setup(const char *printed, const char *more)
{
	char config[1024];

	snprintf(config, sizeof(config), "[default]\n%scredential_process = printf '%%s' '%s'\n",
	    more, printed);
	fixture_init(config);
}

START_TEST(what_it_prints)
{
	_cleanup_(credentials_unrefp) struct credentials *credentials = NULL;

	setup("{" KEYS ", \"SessionToken\": \"T\", \"Expiration\": \"2026-01-02T03:04:05+00:00\", "
	      "\"AccountId\": \"111111111111\"}",
	    "aws_account_id = 222222222222\n");
	credentials = fixture_get(cred_process, "A");
	ck_assert_str_eq(credentials->secret_access_key, "S");
	ck_assert_str_eq(credentials->session_token, "T");
	ck_assert_int_eq(credentials->expires_s, 1767323045);
	ck_assert_str_eq(credentials->account, "111111111111");
	ck_assert_str_eq(credentials->source, "custom-process");
	fixture_finish();
}
END_TEST

START_TEST(the_least_it_can_print)
{
	_cleanup_(credentials_unrefp) struct credentials *credentials = NULL;

	setup("{" KEYS "}", "aws_account_id = 222222222222\n");
	credentials = fixture_get(cred_process, "A");
	ck_assert_ptr_null(credentials->session_token);
	ck_assert_int_eq(credentials->expires_s, 0);
	ck_assert_str_eq(credentials->account, "222222222222");
	fixture_finish();
}
END_TEST

START_TEST(no_program)
{
	fixture_init("[default]\nregion = x\n");
	fixture_refuse(cred_process, -ENOENT, "");
	fixture_finish();
}
END_TEST

START_TEST(what_it_must_not_print)
{
	static const struct {
		const char *printed, *words;
	} cases[] = {
	    {"", "it is no JSON"},
	    {"SECRET", "it is no JSON"},
	    {"{" KEYS "} trailing", "it is no JSON"},
	    {"[1]", "\"Version\" is not 1"},
	    {"{\"AccessKeyId\": \"A\", \"SecretAccessKey\": \"SECRET\"}", "\"Version\" is not 1"},
	    {"{\"Version\": 2, \"AccessKeyId\": \"A\"}", "\"Version\" is not 1"},
	    {"{\"Version\": \"1\", \"AccessKeyId\": \"A\"}", "\"Version\" is not 1"},
	    {"{\"Version\": 1}", "no \"AccessKeyId\""},
	    {"{\"Version\": 1, \"AccessKeyId\": \"SECRET\"}", "no \"SecretAccessKey\""},
	    {"{" KEYS ", \"Expiration\": \"never\"}", "ISO 8601"},
	    {"{\"Version\": 1, \"AccessKeyId\": \"A\", \"SecretAccessKey\": \"SECRET\\n\"}",
		"what no key has"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		setup(cases[i].printed, "");
		fixture_refuse(cred_process, -EIO, cases[i].words);
		fixture_refuse(cred_process, -EIO, "credential_process of profile \"default\"");
		fixture_finish();
	}
}
END_TEST

START_TEST(how_it_can_fail)
{
	static const struct {
		const char *line;
		int code;
		const char *words;
	} cases[] = {
	    {"/no/such/program SECRET", -EINVAL, "no program \"/no/such/program\""},
	    {"/etc/passwd", -EINVAL, "cannot start \"/etc/passwd\": Permission denied"},
	    {"'open", -EINVAL, "a quote is not closed"},
	    {"''", -EINVAL, "no program \"\""},
	    {"false", -EIO, "\"false\" ends with exit code 1"},
	    {"sh -c 'echo SECRET; echo log in first >&2; echo SECRET >&2; exit 3'", -EIO,
		"\"sh\" ends with exit code 3 and says: log in first"},
	    {"sh -c 'printf \"\\033[31mred\\n\" >&2; exit 1'", -EIO, "says: ?[31mred"},
	    {"sh -c 'kill -9 $$'", -EIO, "signal 9 (Killed)"},
	    {"head -c 100000 /dev/zero", -EIO, "more than 65536 octets"},
	};
	char config[256];

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		snprintf(
		    config, sizeof(config), "[default]\ncredential_process = %s\n", cases[i].line);
		fixture_init(config);
		fixture_refuse(cred_process, cases[i].code, cases[i].words);
		fixture_finish();
	}
}
END_TEST

START_TEST(only_the_start_of_what_it_says)
{
	struct credentials *credentials = NULL;
	struct cred_process_call call = {
	    .command_line = "sh -c 'head -c 5000 /dev/zero | tr \"\\\\000\" x >&2; exit 1'",
	    .deadline_ms = clock_mono_ms() + 10000,
	    .stop = &fixture_stop};
	struct err e = {};

	fixture_init(NULL);
	ck_assert_int_eq(cred_process_run(&call, &credentials, &e), -EIO);
	ck_assert_uint_eq(strspn(strstr(e.text, "says: ") + 6, "x"), 200);
	fixture_finish();
}
END_TEST

START_TEST(it_hangs)
{
	struct credentials *credentials = NULL;
	struct cred_process_call call = {.command_line = "sleep 100",
	    .deadline_ms = clock_mono_ms() + 200,
	    .stop = &fixture_stop};
	struct err e = {};

	fixture_init(NULL);
	ck_assert_int_eq(cred_process_run(&call, &credentials, &e), -ETIMEDOUT);
	ck_assert_msg(strstr(e.text, "did not end in time"), "%s", e.text);
	call.command_line = " ";
	ck_assert_int_eq(cred_process_run(&call, &credentials, &e), -EINVAL);
	ck_assert_msg(strstr(e.text, "names no program"), "%s", e.text);
	ck_assert_ptr_null(credentials);
	fixture_finish();
}
END_TEST

static void *stop_soon(void *arg)
{
	usleep(100000);
	stop_now(&fixture_stop);
	return NULL;
}

START_TEST(the_daemon_stops)
{
	int64_t start_ms = clock_mono_ms();
	pthread_t thread;

	fixture_init("[default]\ncredential_process = sleep 50\n");
	ck_assert_int_eq(pthread_create(&thread, NULL, stop_soon, NULL), 0);
	fixture_refuse(cred_process, -ECANCELED, "this daemon stops");
	ck_assert_int_lt(clock_mono_ms() - start_ms, 10000);
	pthread_join(thread, NULL);
	fixture_finish();
}
END_TEST

UNIT(cred_process, what_it_prints, the_least_it_can_print, no_program, what_it_must_not_print,
    how_it_can_fail, only_the_start_of_what_it_says, it_hangs, the_daemon_stops);

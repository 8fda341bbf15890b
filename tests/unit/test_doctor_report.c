#include "doctor_report.h"

#include "unit.h"

static struct doctor_report report;

static void add(const char *name, enum doctor_state state, const char *message, const char *remedy)
{
	const struct doctor_check check = {name, state, message, remedy};

	ck_assert_int_eq(doctor_add_check(&report, &check), 0);
}

static void assert_json(const char *wanted)
{
	struct str out = {};

	ck_assert_int_eq(doctor_write_json(&report, &out), 0);
	ck_assert_str_eq(str_text(&out), wanted);
	str_finish(&out);
}

START_TEST(test_nothing)
{
	assert_json("{\"checks\": [], \"identities\": []}\n");
	ck_assert_str_eq(str_text(&report.lines), "");
	ck_assert(!report.failed);
}
END_TEST

START_TEST(test_checks)
{
	add("clock", DOCTOR_OK, "2 s off", NULL);
	add("dns", DOCTOR_WARN, "slow", "ask \"them\"");
	ck_assert(!report.failed);
	add("credentials", DOCTOR_FAIL, "none", "aws configure");
	ck_assert(report.failed);
	add("tls", DOCTOR_OK, "fine", NULL);
	ck_assert(report.failed);

	assert_json("{\"checks\": ["
		    "{\"name\": \"clock\", \"state\": \"ok\", \"message\": \"2 s off\", "
		    "\"remedy\": null}, "
		    "{\"name\": \"dns\", \"state\": \"WARN\", \"message\": \"slow\", "
		    "\"remedy\": \"ask \\\"them\\\"\"}, "
		    "{\"name\": \"credentials\", \"state\": \"FAIL\", \"message\": \"none\", "
		    "\"remedy\": \"aws configure\"}, "
		    "{\"name\": \"tls\", \"state\": \"ok\", \"message\": \"fine\", "
		    "\"remedy\": null}], \"identities\": []}\n");
	ck_assert_str_eq(str_text(&report.lines), "ok    clock             2 s off\n"
						  "WARN  dns               slow\n"
						  "                      -> ask \"them\"\n"
						  "FAIL  credentials       none\n"
						  "                      -> aws configure\n"
						  "ok    tls               fine\n");
	doctor_report_finish(&report);
}
END_TEST

START_TEST(test_identities)
{
	const struct doctor_identity bare = {.source = "env", .access_key_id = "AKID"};
	const struct doctor_identity whole = {"host", "assume-role", "ASIA", "123456789012",
	    "arn:aws:sts::123456789012:assumed-role/r/s", 1767323045};

	ck_assert_int_eq(doctor_add_identity(&report, &bare), 0);
	ck_assert_int_eq(doctor_add_identity(&report, &whole), 0);
	assert_json("{\"checks\": [], \"identities\": ["
		    "{\"registry\": null, \"source\": \"env\", \"access_key_id\": \"AKID\", "
		    "\"account\": null, \"arn\": null, \"expires\": null}, "
		    "{\"registry\": \"host\", \"source\": \"assume-role\", "
		    "\"access_key_id\": \"ASIA\", \"account\": \"123456789012\", "
		    "\"arn\": \"arn:aws:sts::123456789012:assumed-role/r/s\", "
		    "\"expires\": \"2026-01-02T03:04:05.000Z\"}]}\n");
	doctor_report_finish(&report);
}
END_TEST

START_TEST(test_commands)
{
	char command[32] = "?";

	ck_assert(doctor_command("it is over: run `aws sso login --profile x`", command, 32));
	ck_assert_str_eq(command, "aws sso login --profile x");
	ck_assert(doctor_command("`a`, or `b`; so", command, sizeof(command)));
	ck_assert_str_eq(command, "b");
	ck_assert(!doctor_command("none", command, sizeof(command)));
	ck_assert(!doctor_command("half ` one", command, sizeof(command)));
	ck_assert(!doctor_command("``", command, sizeof(command)));
	ck_assert(!doctor_command("`long`", command, 4));
	ck_assert_str_eq(command, "b");
}
END_TEST

UNIT(doctor_report, test_nothing, test_checks, test_identities, test_commands);

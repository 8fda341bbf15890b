#include "doctor_report.h"

#include <string.h>

#include "json.h"
#include "timefmt.h"

static const char *const states[] = {
    [DOCTOR_OK] = "ok", [DOCTOR_WARN] = "WARN", [DOCTOR_FAIL] = "FAIL"};

static int write_line(const struct doctor_check *check, struct str *out)
{
	int r =
	    str_appendf(out, "%-4s  %-17s %s\n", states[check->state], check->name, check->message);

	if (r == 0 && check->remedy)
		r = str_appendf(out, "%25s%s\n", "-> ", check->remedy);
	return r;
}

/* `open` stands before the name: what begins an object or parts its members. */
static int write_member(struct str *out, const char *open, const char *name, const char *value)
{
	int r = str_appendf(out, "%s\"%s\": ", open, name);

	return r < 0 ? r : json_write_string_or_null(out, value);
}

int doctor_add_check(struct doctor_report *report, const struct doctor_check *check)
{
	struct str *out = &report->checks;
	int r;

	report->failed |= check->state == DOCTOR_FAIL;
	r = write_line(check, &report->lines);
	if (r == 0)
		r = write_member(out, out->len ? ", {" : "{", "name", check->name);
	if (r == 0)
		r = write_member(out, ", ", "state", states[check->state]);
	if (r == 0)
		r = write_member(out, ", ", "message", check->message);
	if (r == 0)
		r = write_member(out, ", ", "remedy", check->remedy);
	return r == 0 ? str_append_text(out, "}") : r;
}

int doctor_add_identity(struct doctor_report *report, const struct doctor_identity *identity)
{
	struct str *out = &report->identities;
	char expires[TIME_ISO_SIZE];
	int r;

	time_format_iso(identity->expires_s * 1000, expires);
	r = write_member(out, out->len ? ", {" : "{", "registry", identity->registry);
	if (r == 0)
		r = write_member(out, ", ", "source", identity->source);
	if (r == 0)
		r = write_member(out, ", ", "access_key_id", identity->access_key_id);
	if (r == 0)
		r = write_member(out, ", ", "account", identity->account);
	if (r == 0)
		r = write_member(out, ", ", "arn", identity->arn);
	if (r == 0)
		r = write_member(out, ", ", "expires", identity->expires_s ? expires : NULL);
	return r == 0 ? str_append_text(out, "}") : r;
}

int doctor_write_json(const struct doctor_report *report, struct str *out)
{
	return str_appendf(out, "{\"checks\": [%s], \"identities\": [%s]}\n",
	    str_text(&report->checks), str_text(&report->identities));
}

bool doctor_command(const char *reason, char *ret, size_t size)
{
	const char *end = strrchr(reason, '`');
	const char *start = end ? memrchr(reason, '`', (size_t)(end - reason)) : NULL;
	size_t len = start ? (size_t)(end - start) - 1 : 0;

	if (len == 0 || len >= size)
		return false;
	memcpy(ret, start + 1, len);
	ret[len] = '\0';
	return true;
}

void doctor_report_finish(struct doctor_report *report)
{
	str_finish(&report->lines);
	str_finish(&report->checks);
	str_finish(&report->identities);
}

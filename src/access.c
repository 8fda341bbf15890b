#include "access.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "json.h"
#include "timefmt.h"

struct field {
	const char *name;
	const char *text;
};

static int write_json_fields(const struct field *fields, size_t len, struct str *out)
{
	int r = 0;

	for (size_t i = 0; i < len && r == 0; i++) {
		r = str_appendf(out, ",\"%s\":", fields[i].name);
		if (r == 0)
			r = json_write_string_or_null(out, fields[i].text);
	}
	return r;
}

static bool needs_quotes(const char *text)
{
	return !*text || strpbrk(text, " \t\r\n\"=\\");
}

static int write_quoted(struct str *out, const char *text)
{
	int r = str_append_text(out, "\"");

	while (*text && r == 0) {
		size_t plain = strcspn(text, "\"\\");
		_cleanup_(freep) char *part = str_copy(text, plain);

		if (!part)
			return -ENOMEM;
		r = log_escape(out, part);
		text += plain;
		if (*text && r == 0)
			r = str_appendf(out, "\\%c", *text++);
	}
	return r < 0 ? r : str_append_text(out, "\"");
}

static int write_text_fields(const struct field *fields, size_t len, struct str *out)
{
	int r = 0;

	for (size_t i = 0; i < len && r == 0; i++) {
		r = str_appendf(out, " %s=", fields[i].name);
		if (r < 0)
			return r;
		if (!fields[i].text)
			r = str_append_text(out, "-");
		else if (needs_quotes(fields[i].text))
			r = write_quoted(out, fields[i].text);
		else
			r = log_escape(out, fields[i].text);
	}
	return r;
}

static int write_fields(
    const struct field *fields, size_t len, enum log_format format, struct str *out)
{
	return format == LOG_FORMAT_JSON ? write_json_fields(fields, len, out)
					 : write_text_fields(fields, len, out);
}

static int write_numbers(const struct access *a, enum log_format format, struct str *out)
{
	const char *form = format == LOG_FORMAT_JSON
			       ? ",\"status\":%u,\"upstream_status\":%u,\"bytes_in\":%" PRIu64
				 ",\"bytes_out\":%" PRIu64 ",\"ms\":%" PRId64
				 ",\"created\":%s,\"retries\":%u"
			       : " status=%u upstream_status=%u bytes_in=%" PRIu64
				 " bytes_out=%" PRIu64 " ms=%" PRId64 " created=%s retries=%u";

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	return str_appendf(out, form, a->status, a->upstream_status, a->bytes_in, a->bytes_out,
	    a->ms, a->created ? "true" : "false", a->retries);
#pragma GCC diagnostic pop
}

int access_write(const struct access *a, enum log_format format, struct str *ret)
{
	const struct field who[] = {
	    {"client", a->client},
	    {"user", a->user},
	    {"method", a->method},
	    {"operation", a->operation},
	    {"registry", a->registry},
	    {"repository", a->repository},
	};
	const struct field end[] = {{"reason", a->reason}, {"detail", a->detail}};
	bool json = format == LOG_FORMAT_JSON;
	char time[TIME_ISO_SIZE];
	int r;

	time_format_iso(a->time_ms, time);
	r = str_appendf(ret, json ? "{\"time\":\"%s\"" : "%s access", time);
	if (r == 0)
		r = write_fields(who, sizeof(who) / sizeof(*who), format, ret);
	if (r == 0)
		r = write_numbers(a, format, ret);
	if (r == 0)
		r = write_fields(end, a->detail ? 2 : 1, format, ret);
	if (r == 0 && json)
		r = str_append_text(ret, "}");
	return r;
}

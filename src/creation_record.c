#include "creation_record.h"

#include <errno.h>

#include "timefmt.h"

static int write_member(const char *name, const char *value, struct str *ret)
{
	int r = str_appendf(ret, ",\"%s\":", name);

	return r < 0 ? r : json_write_string_or_null(ret, value);
}

int creation_record_write(const struct creation_record *record, struct str *ret)
{
	_cleanup_str_ struct str line = {};
	char time[TIME_ISO_SIZE];
	int r;

	time_format_iso(record->time_ms, time);
	r = str_append_text(&line, "{\"registry\":");
	if (r >= 0)
		r = json_write_string(&line, record->registry);
	if (r >= 0)
		r = write_member("repository", record->repository, &line);
	if (r >= 0)
		r = write_member("rule", record->rule, &line);
	if (r >= 0)
		r = write_member("user", record->user, &line);
	if (r >= 0)
		r = write_member("time", time, &line);
	if (r >= 0 && record->settings)
		r = str_appendf(&line, ",\"settings\":%s", record->settings);
	if (r >= 0)
		r = str_append_text(&line, "}");
	return r < 0 ? r : str_append(ret, line.data, line.len);
}

int creation_record_read(
    const char *line, size_t len, struct json **ret_root, struct creation_record *ret)
{
	_cleanup_(json_freep) struct json *root = NULL;
	struct creation_record record = {};
	const char *time;
	int64_t time_s;
	int r;

	r = json_parse(line, len, &root, NULL);
	if (r < 0)
		return r;
	record.registry = json_string(json_get(root, "registry"));
	record.repository = json_string(json_get(root, "repository"));
	record.rule = json_string(json_get(root, "rule"));
	record.user = json_string(json_get(root, "user"));
	time = json_string(json_get(root, "time"));
	if (!record.registry || !record.repository || !time || time_parse_iso(time, &time_s) < 0)
		return -EBADMSG;
	record.time_ms = time_s * 1000;
	*ret = record;
	*ret_root = TAKE_PTR(root);
	return 0;
}

#include "created_lines.h"

#include <errno.h>
#include <stdio.h>

#include "log.h"

struct lines {
	FILE *file;
	char *line; /* CREATED_LINE_MAX octets and a NUL */
	size_t len;
	bool too_long;
	unsigned long number, bad, first_bad;
};

/* False at the end. A line that is too long comes empty. */
static bool next_line(struct lines *lines, bool *ret_torn)
{
	size_t len = 0;
	int c;

	while ((c = getc_unlocked(lines->file)) != EOF && c != '\n') {
		if (len < CREATED_LINE_MAX)
			lines->line[len] = (char)c;
		len++;
	}
	lines->too_long = len > CREATED_LINE_MAX;
	lines->len = lines->too_long ? 0 : len;
	lines->line[lines->len] = '\0';
	lines->number++;
	if (c == EOF && len == 0)
		return false;
	*ret_torn = c == EOF;
	return true;
}

static int each(struct lines *lines, created_callback callback, void *userdata, bool *ret_torn)
{
	bool torn = false;
	int r = 0;

	while (r == 0 && next_line(lines, &torn)) {
		_cleanup_(json_freep) struct json *root = NULL;
		struct creation_record record;

		if (lines->len == 0 && !lines->too_long)
			continue;
		r = creation_record_read(lines->line, lines->len, &root, &record);
		if (r == 0)
			r = callback(&record, lines->line, userdata);
		else if (r == -EBADMSG && lines->bad++ == 0)
			lines->first_bad = lines->number;
		if (r == -EBADMSG)
			r = 0;
	}
	if (r == 0 && ferror(lines->file))
		r = -EIO;
	*ret_torn = torn;
	return r;
}

int created_lines_read(
    const char *state_dir, created_callback callback, void *userdata, bool *ret_torn)
{
	_cleanup_(freep) char *line = malloc(CREATED_LINE_MAX + 1);
	_cleanup_str_ struct str path = {};
	struct lines lines = {.line = line};
	int r = str_appendf(&path, "%s/" CREATED_FILE, state_dir);

	if (!line || r < 0)
		return -ENOMEM;
	*ret_torn = false;
	lines.file = fopen(path.data, "re");
	if (!lines.file)
		return errno == ENOENT ? 0 : -errno;
	r = each(&lines, callback, userdata, ret_torn);
	fclose(lines.file);
	if (lines.bad > 0)
		log_warn("%s: %lu lines are unreadable and were skipped, the first is line %lu",
		    path.data, lines.bad, lines.first_bad);
	return r;
}

#include "ini.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "ini_names.h"
#include "str.h"
#include "utf8.h"

struct span {
	const char *at;
	size_t len;
};

struct reader {
	ini_entry entry;
	void *userdata;
	struct str section;
	struct str key;
	struct str value;
	struct ini_names names;
	size_t sections;
	unsigned line;
	size_t key_len;    /* of the outer key, without ".inner"; 0 when there is none */
	size_t key_indent; /* of the line that the outer key stands on */
	bool nesting;      /* the outer key has no value of its own */
	bool malformed;    /* tells our own −EBADMSG from a callback's */
};

static int malformed(struct reader *reader)
{
	reader->malformed = true;
	return -EBADMSG;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\f' || c == '\v';
}

static struct span trim(struct span s)
{
	while (s.len && is_blank(s.at[0])) {
		s.at++;
		s.len--;
	}
	while (s.len && is_blank(s.at[s.len - 1]))
		s.len--;
	return s;
}

static int set(struct str *s, struct span span)
{
	str_clear(s);
	return str_append(s, span.at, span.len);
}

/* False when there is no separator; either part may be empty. */
static bool split(struct span line, const char *separators, struct span *ret_key, struct span *ret)
{
	for (size_t i = 0; i < line.len; i++) {
		if (!strchr(separators, line.at[i]))
			continue;
		*ret_key = trim((struct span){line.at, i});
		*ret = trim((struct span){line.at + i + 1, line.len - i - 1});
		return true;
	}
	return false;
}

static int note(struct reader *reader, size_t section, struct span name)
{
	return ini_names_add(
	    &reader->names, &(struct ini_name){section, name.at, name.len, reader->line});
}

static int read_section(struct reader *reader, struct span line)
{
	const char *end = memrchr(line.at, ']', line.len);
	struct span name;
	int r;

	if (!end || end == line.at + 1)
		return malformed(reader);
	/* Blanks and all: "[ a ]" is another section than "[a]". */
	name = (struct span){line.at + 1, (size_t)(end - line.at) - 1};
	r = note(reader, 0, name);
	if (r >= 0)
		r = set(&reader->section, name);
	if (r < 0)
		return r;
	reader->sections++;
	reader->key_len = 0;
	return reader->entry(reader->userdata, str_text(&reader->section), NULL, NULL);
}

static int hand_over(struct reader *reader, struct span key, struct span value)
{
	size_t at = reader->key.len;
	int r;

	r = str_append(&reader->key, key.at, key.len);
	if (r < 0)
		return r;
	for (size_t i = at; i < reader->key.len; i++)
		reader->key.data[i] = (char)tolower((unsigned char)reader->key.data[i]);
	r = set(&reader->value, value);
	if (r < 0)
		return r;
	return reader->entry(reader->userdata, str_text(&reader->section), str_text(&reader->key),
	    str_text(&reader->value));
}

static int read_key(struct reader *reader, struct span line, size_t indent)
{
	struct span key, value;
	int r;

	if (!reader->sections || !split(line, "=:", &key, &value) || !key.len)
		return malformed(reader);
	r = note(reader, reader->sections, key);
	if (r < 0)
		return r;
	reader->key_len = key.len;
	reader->key_indent = indent;
	reader->nesting = !value.len;
	str_clear(&reader->key);
	return hand_over(reader, key, value);
}

static int read_nested(struct reader *reader, struct span line)
{
	struct span key, value;
	int r;

	if (!reader->nesting)
		return 0;
	if (!split(line, "=", &key, &value) || !key.len)
		return malformed(reader);
	reader->key.len = reader->key_len;
	r = str_append(&reader->key, ".", 1);
	return r < 0 ? r : hand_over(reader, key, value);
}

static int read_line(struct reader *reader, struct span raw)
{
	struct span line = trim(raw);
	size_t indent = (size_t)(line.at - raw.at);

	if (memchr(raw.at, '\0', raw.len))
		return malformed(reader);
	if (!line.len || line.at[0] == '#' || line.at[0] == ';')
		return 0;
	if (reader->key_len && indent > reader->key_indent)
		return read_nested(reader, line);
	if (line.at[0] == '[')
		return read_section(reader, line);
	return read_key(reader, line, indent);
}

static void reader_finish(struct reader *reader)
{
	str_finish(&reader->section);
	str_finish(&reader->key);
	str_finish(&reader->value);
	ini_names_finish(&reader->names);
}

/* botocore reads these files as UTF-8. */
static bool is_utf8(struct span text)
{
	while (text.len) {
		size_t len = utf8_length(text.at, text.len);

		if (!len)
			return false;
		text.at += len;
		text.len -= len;
	}
	return true;
}

/* Of the line at the text's beginning; it may end with CR LF, LF or CR. */
static size_t line_len(struct span text)
{
	size_t len = 0;

	while (len < text.len && text.at[len] != '\n' && text.at[len] != '\r')
		len++;
	return len;
}

static size_t line_end_len(struct span rest)
{
	return rest.len > 1 && !memcmp(rest.at, "\r\n", 2) ? 2 : rest.len > 0;
}

static int read_lines(struct reader *reader, struct span text, struct err *e)
{
	while (text.len) {
		size_t len = line_len(text);
		int r;

		reader->line++;
		if (!is_utf8((struct span){text.at, len}))
			return err_set(e, -EBADMSG, "line %u: not UTF-8", reader->line);
		r = read_line(reader, (struct span){text.at, len});
		/* The line itself is not shown: it may hold a key. */
		if (reader->malformed)
			return err_set(
			    e, r, "line %u: neither [section] nor key = value", reader->line);
		if (r)
			return r;
		len += line_end_len((struct span){text.at + len, text.len - len});
		text.at += len;
		text.len -= len;
	}
	return 0;
}

int ini_parse(const char *text, size_t len, ini_entry entry, void *userdata, struct err *e)
{
	_cleanup_(reader_finish) struct reader reader = {.entry = entry, .userdata = userdata};
	unsigned repeated;
	int r;

	r = read_lines(&reader, (struct span){text, len}, e);
	if (r)
		return r;
	repeated = ini_names_find_repeated(&reader.names);
	if (repeated)
		return err_set(
		    e, -EBADMSG, "line %u: a second section or key of this name", repeated);
	return 0;
}

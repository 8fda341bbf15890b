#include "log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "json.h"
#include "timefmt.h"

static const char *const level_names[] = {"debug", "info", "warn", "error"};

/* Atomic: SIGHUP changes them while other threads log. */
static _Atomic int current_level = LOG_LEVEL_INFO;
static _Atomic int current_format = LOG_FORMAT_TEXT;
/* Of sd-daemon(3), by level. */
static const char *const priorities[] = {"<7>", "<6>", "<4>", "<3>"};
static _Atomic bool with_priority;
static _Thread_local const char *request_id;

int log_level_parse(const char *word, enum log_level *ret)
{
	for (int i = LOG_LEVEL_DEBUG; i <= LOG_LEVEL_ERROR; i++) {
		if (strcmp(word, level_names[i]))
			continue;
		*ret = (enum log_level)i;
		return 0;
	}
	return -EINVAL;
}

int log_format_parse(const char *word, enum log_format *ret)
{
	if (!strcmp(word, "text"))
		*ret = LOG_FORMAT_TEXT;
	else if (!strcmp(word, "json"))
		*ret = LOG_FORMAT_JSON;
	else
		return -EINVAL;
	return 0;
}

void log_setup(enum log_level level, enum log_format format)
{
	atomic_store(&current_level, (int)level);
	atomic_store(&current_format, (int)format);
}

void log_to_journal(bool on)
{
	atomic_store(&with_priority, on);
}

static int begin_line(enum log_level level, struct str *ret)
{
	return atomic_load(&with_priority) ? str_append_text(ret, priorities[level]) : 0;
}

bool log_enabled(enum log_level level)
{
	return (int)level >= atomic_load_explicit(&current_level, memory_order_relaxed);
}

enum log_format log_current_format(void)
{
	return (enum log_format)atomic_load_explicit(&current_format, memory_order_relaxed);
}

void log_set_request_id(const char *id)
{
	request_id = id;
}

/* One write(2): lines of several threads do not mix. What a full disk refuses is lost. */
static void write_line(struct str *line)
{
	const char *at = line->data;
	size_t left = line->len;

	while (left) {
		ssize_t n = write(STDERR_FILENO, at, left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		at += n;
		left -= (size_t)n;
	}
}

/* U+0080 to U+009F: control characters too, a terminal acts on them. */
static bool is_c1_control(const unsigned char *at)
{
	return at[0] == 0xc2 && at[1] >= 0x80 && at[1] <= 0x9f;
}

int log_escape(struct str *out, const char *text)
{
	const unsigned char *at = (const unsigned char *)text;
	int r = 0;

	for (; *at && r == 0; at++) {
		if (*at == '\n')
			r = str_append_text(out, "\\n");
		else if (*at < 0x20 || *at == 0x7f)
			r = str_appendf(out, "\\x%02x", *at);
		else if (is_c1_control(at)) {
			r = str_appendf(out, "\\x%02x\\x%02x", at[0], at[1]);
			at++;
		} else
			r = str_append(out, at, 1);
	}
	return r;
}

static int format_text(enum log_level level, const char *message, struct str *ret)
{
	char time[TIME_ISO_SIZE];
	int r;

	time_format_iso(clock_wall_ms(), time);
	r = str_appendf(ret, "%s %s ", time, level_names[level]);
	if (r == 0 && request_id)
		r = str_appendf(ret, "%s ", request_id);
	return r < 0 ? r : log_escape(ret, message);
}

static int format_json(enum log_level level, const char *message, struct str *ret)
{
	int r = log_begin_json(level, ret);

	if (r == 0)
		r = str_append_text(ret, ",\"message\":");
	if (r == 0)
		r = json_write_string(ret, message);
	return r < 0 ? r : str_append_text(ret, "}");
}

int log_begin_json(enum log_level level, struct str *ret)
{
	char time[TIME_ISO_SIZE];
	int r;

	time_format_iso(clock_wall_ms(), time);
	r = str_appendf(ret, "{\"time\":\"%s\",\"level\":\"%s\"", time, level_names[level]);
	if (r == 0 && request_id)
		r = str_append_text(ret, ",\"request_id\":");
	return r == 0 && request_id ? json_write_string(ret, request_id) : r;
}

void log_write(enum log_level level, const char *format, ...)
{
	_cleanup_str_ struct str line = {};
	char message[LOG_MESSAGE_MAX];
	va_list args;
	int r;

	if (!log_enabled(level))
		return;
	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	r = begin_line(level, &line);
	if (r == 0 && log_current_format() == LOG_FORMAT_JSON)
		r = format_json(level, message, &line);
	else if (r == 0)
		r = format_text(level, message, &line);
	if (r == 0 && str_append_text(&line, "\n") == 0)
		write_line(&line);
}

void log_write_raw(const char *text)
{
	_cleanup_str_ struct str line = {};

	if (begin_line(LOG_LEVEL_INFO, &line) == 0 && str_appendf(&line, "%s\n", text) == 0)
		write_line(&line);
}

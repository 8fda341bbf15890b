#pragma once
/*
 * One line a write, to standard error, as text or as JSON. Levels below the chosen one cost a
 * comparison. Library code logs at debug only; what went wrong is said once, by the caller that
 * decides.
 */
#include <stdbool.h>

#include "str.h"

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };
enum { LOG_MESSAGE_MAX = 2048 }; /* longer ones are cut */
enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON };

/* "debug", "info", "warn", "error"; "text", "json". 0 or −EINVAL. */
int log_level_parse(const char *word, enum log_level *ret);
int log_format_parse(const char *word, enum log_format *ret);

void log_setup(enum log_level level, enum log_format format);
/* Lines begin with their priority, which systemd's journal takes off. */
void log_to_journal(bool on);
bool log_enabled(enum log_level level);
enum log_format log_current_format(void);

/* Until it is NULL again this is part of every line of this thread. Borrowed. */
void log_set_request_id(const char *id);

void log_write(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Appends the text with its control octets as \n, \x1b and so on: what a client sent can neither
 * begin a line of its own nor steer a terminal. 0 or −ENOMEM.
 */
int log_escape(struct str *out, const char *text);

/* Appends how a JSON line begins, {"time":…,"level":… and the request's id. 0 or −ENOMEM. */
int log_begin_json(enum log_level level, struct str *ret);

/* A whole line that is already in the current format (the access log's), without its newline. */
void log_write_raw(const char *line);

#define log_debug(...)                                           \
	do {                                                     \
		if (log_enabled(LOG_LEVEL_DEBUG))                \
			log_write(LOG_LEVEL_DEBUG, __VA_ARGS__); \
	} while (0)
#define log_info(...)  log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_warn(...)  log_write(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_error(...) log_write(LOG_LEVEL_ERROR, __VA_ARGS__)

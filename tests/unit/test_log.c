#include "stderr_fixture.h"

#include <errno.h>
#include <string.h>

#include "json.h"
#include "log.h"

START_TEST(words_to_levels_and_formats)
{
	enum log_level level = LOG_LEVEL_DEBUG;
	enum log_format format = LOG_FORMAT_TEXT;

	ck_assert_int_eq(log_level_parse("warn", &level), 0);
	ck_assert_int_eq(level, LOG_LEVEL_WARN);
	ck_assert_int_eq(log_level_parse("Warn", &level), -EINVAL);
	ck_assert_int_eq(log_level_parse("", &level), -EINVAL);
	ck_assert_int_eq(level, LOG_LEVEL_WARN);
	ck_assert_int_eq(log_format_parse("json", &format), 0);
	ck_assert_int_eq(format, LOG_FORMAT_JSON);
	ck_assert_int_eq(log_format_parse("xml", &format), -EINVAL);
}
END_TEST

START_TEST(a_text_line_has_time_level_message)
{
	const char *line;

	stderr_take_over();
	log_setup(LOG_LEVEL_INFO, LOG_FORMAT_TEXT);
	log_warn("%s is %d", "answer", 42);
	line = stderr_read();
	/* 2026-01-02T03:04:05.678Z warn answer is 42 */
	ck_assert_str_eq(line + 24, " warn answer is 42\n");
	ck_assert_int_eq(line[4], '-');
	ck_assert_int_eq(line[23], 'Z');
}
END_TEST

START_TEST(levels_below_are_silent)
{
	stderr_take_over();
	log_setup(LOG_LEVEL_WARN, LOG_FORMAT_TEXT);
	log_debug("hidden");
	log_info("hidden");
	log_error("shown");
	ck_assert_str_eq(stderr_read() + 24, " error shown\n");
	ck_assert(!log_enabled(LOG_LEVEL_INFO));
	ck_assert(log_enabled(LOG_LEVEL_WARN));
}
END_TEST

START_TEST(the_journal_is_told_the_priority)
{
	const char *lines;

	stderr_take_over();
	log_setup(LOG_LEVEL_DEBUG, LOG_FORMAT_JSON);
	log_to_journal(true);
	log_error("e");
	log_debug("d");
	log_write_raw("raw");
	lines = stderr_read();
	ck_assert_int_eq(strncmp(lines, "<3>{\"time\"", 10), 0);
	ck_assert_ptr_nonnull(strstr(lines, "\n<7>{\"time\""));
	ck_assert_ptr_nonnull(strstr(lines, "\n<6>raw\n"));
	log_to_journal(false);
}
END_TEST

START_TEST(a_message_cannot_begin_a_line_of_its_own)
{
	stderr_take_over();
	log_setup(LOG_LEVEL_INFO, LOG_FORMAT_TEXT);
	log_info("a\n2026-01-02T03:04:05.678Z info forged \x1b[2J\x7f\xc2\x9b ü");
	ck_assert_str_eq(stderr_read() + 24,
	    " info a\\n2026-01-02T03:04:05.678Z info forged \\x1b[2J\\x7f\\xc2\\x9b ü\n");
}
END_TEST

START_TEST(a_json_line_is_one_object)
{
	_cleanup_(json_freep) struct json *root = NULL;
	const char *line;

	stderr_take_over();
	log_setup(LOG_LEVEL_INFO, LOG_FORMAT_JSON);
	log_info("say \"hi\"\n");
	line = stderr_read();
	ck_assert_int_eq(json_parse(line, strlen(line), &root, NULL), 0);
	ck_assert_str_eq(json_string(json_get(root, "level")), "info");
	ck_assert_str_eq(json_string(json_get(root, "message")), "say \"hi\"\n");
	ck_assert_uint_eq(strlen(json_string(json_get(root, "time"))), 24);
	ck_assert_ptr_eq(strchr(line, '\n'), line + strlen(line) - 1);
}
END_TEST

START_TEST(a_long_message_is_cut)
{
	static char message[LOG_MESSAGE_MAX * 2];

	memset(message, 'm', sizeof(message) - 1);
	stderr_take_over();
	log_setup(LOG_LEVEL_INFO, LOG_FORMAT_TEXT);
	log_info("%s", message);
	ck_assert_uint_eq(strlen(stderr_read()), 24 + strlen(" info \n") + LOG_MESSAGE_MAX - 1);
}
END_TEST

START_TEST(a_raw_line_gets_its_newline)
{
	stderr_take_over();
	log_write_raw("{\"a\":1}");
	ck_assert_str_eq(stderr_read(), "{\"a\":1}\n");
}
END_TEST

START_TEST(a_request_is_named_in_each_line)
{
	stderr_take_over();
	log_setup(LOG_LEVEL_INFO, LOG_FORMAT_TEXT);
	log_set_request_id("r-1");
	log_warn("a");
	ck_assert_str_eq(stderr_read() + 24, " warn r-1 a\n");
	log_setup(LOG_LEVEL_INFO, LOG_FORMAT_JSON);
	log_warn("b");
	ck_assert_ptr_nonnull(strstr(
	    stderr_read(), ",\"level\":\"warn\",\"request_id\":\"r-1\",\"message\":\"b\"}\n"));
	log_set_request_id(NULL);
	log_warn("c");
	ck_assert_ptr_nonnull(strstr(stderr_read(), ",\"level\":\"warn\",\"message\":\"c\"}\n"));
}
END_TEST

UNIT(log, the_journal_is_told_the_priority, words_to_levels_and_formats,
    a_text_line_has_time_level_message, levels_below_are_silent,
    a_message_cannot_begin_a_line_of_its_own, a_json_line_is_one_object, a_long_message_is_cut,
    a_raw_line_gets_its_newline, a_request_is_named_in_each_line);

#include "unit.h"

#include <errno.h>
#include <string.h>

#include "json_text.h"

START_TEST(passes_what_yajl_may_see)
{
	static const char *const texts[] = {"", "{\"a\": [1,\r\n\t2]}", "\"\\ud83d\\ude00\"",
	    "\"\\\\ud800\"", "\"\xf0\x9f\x98\x80\"", "not JSON at all \\"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		ck_assert_msg(
		    json_text_check(texts[i], strlen(texts[i]), NULL) == 0, "%s", texts[i]);
}
END_TEST

START_TEST(stops_what_it_may_not)
{
	static const char *const texts[] = {"\v", "\f", "\x01", "\xff", "\xc0\x80", "\xed\xa0\x80",
	    "\\ud800", "\\ud800\\ud800", "\\uDC00", "\\udbff\\u", "\\\\\\udfff"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct err e = {};

		ck_assert_msg(
		    json_text_check(texts[i], strlen(texts[i]), &e) == -EBADMSG, "%s", texts[i]);
		ck_assert_ptr_nonnull(strstr(e.text, "line 1, column "));
	}
	ck_assert_int_eq(json_text_check("\0", 1, NULL), -EBADMSG);
}
END_TEST

START_TEST(counts_lines_and_characters)
{
	static const char text[] = "one\n\xc3\xa9\xc3\xa9x";
	struct err e = {};

	ck_assert_int_eq(json_text_fail(&e, text, 0, "start"), -EBADMSG);
	ck_assert_str_eq(e.text, "line 1, column 1: start");
	json_text_fail(&e, text, 8, "x");
	ck_assert_str_eq(e.text, "line 2, column 3: x");
}
END_TEST

UNIT(json_text, passes_what_yajl_may_see, stops_what_it_may_not, counts_lines_and_characters);

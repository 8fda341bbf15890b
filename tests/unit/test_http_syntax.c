#include "unit.h"

#include <errno.h>
#include <string.h>

#include "http_syntax.h"

START_TEST(knows_tokens)
{
	static const char tchars[] = "!#$%&'*+-.^_`|~09azAZ";

	ck_assert(http_is_token(tchars, strlen(tchars)));
	ck_assert(!http_is_token("", 0));
	for (int c = 0; c < 256; c++) {
		char text[] = {'a', (char)c};
		bool expected = c >= 0x21 && c <= 0x7e && !strchr("\"(),/:;<=>?@[\\]{}", c);

		ck_assert_msg(http_is_token(text, 2) == expected, "%02x", c);
		ck_assert_msg(http_is_token(text + 1, 1) == expected, "%02x", c);
	}
}
END_TEST

START_TEST(knows_field_values)
{
	ck_assert(http_is_field_value("", 0));
	for (int c = 0; c < 256; c++) {
		char text[] = {'a', (char)c, 'b'};
		bool expected = c == '\t' || (c >= 0x20 && c != 0x7f);

		ck_assert_msg(http_is_field_value(text, 3) == expected, "%02x", c);
		ck_assert_msg(http_is_field_value(text + 1, 1) == expected, "%02x", c);
	}
}
END_TEST

START_TEST(reads_lengths)
{
	static const char *const bad[] = {"", " 1", "1 ", "+1", "-1", "1,1", "1, 1", "0x1", "1.0",
	    "1e3", "1:", ":", "/", "9223372036854775808", "99999999999999999999999", "\xd9\xa1"};
	int64_t length = -7;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_msg(http_parse_length(bad[i], &length) == -EINVAL, "%s", bad[i]);
	ck_assert_int_eq(length, -7);
	ck_assert_int_eq(http_parse_length("0", &length), 0);
	ck_assert_int_eq(length, 0);
	ck_assert_int_eq(http_parse_length("000042", &length), 0);
	ck_assert_int_eq(length, 42);
	ck_assert_int_eq(http_parse_length("9223372036854775807", &length), 0);
	ck_assert_int_eq(length, INT64_MAX);
}
END_TEST

START_TEST(knows_hexadecimal_digits)
{
	static const char digits[] = "0123456789abcdef", capitals[] = "0123456789ABCDEF";

	for (int c = 0; c < 256; c++) {
		const char *digit = c ? strchr(digits, c) : NULL;
		const char *capital = c ? strchr(capitals, c) : NULL;
		int expected = digit     ? (int)(digit - digits)
			       : capital ? (int)(capital - capitals)
					 : -1;

		ck_assert_msg(http_hex_value((char)c) == expected, "%02x", c);
	}
}
END_TEST

UNIT(http_syntax, knows_tokens, knows_field_values, reads_lengths, knows_hexadecimal_digits);

#include "unit.h"

#include <string.h>

#include "utf8.h"

struct text {
	const char *text;
	size_t length;
};

START_TEST(takes_one_well_formed_character)
{
	static const struct text texts[] = {{"a", 1}, {"\x7f", 1}, {"\xc2\x80", 2}, {"\xdf\xbf", 2},
	    {"\xe0\xa0\x80", 3}, {"\xed\x9f\xbf", 3},
	    {"\xef\xbf\xbd"
	     "x",
		3},
	    {"\xf0\x90\x80\x80", 4}, {"\xf4\x8f\xbf\xbf", 4}};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		ck_assert_uint_eq(
		    utf8_length(texts[i].text, strlen(texts[i].text)), texts[i].length);
}
END_TEST

START_TEST(refuses_what_is_none)
{
	static const char *const texts[] = {"", "\x80", "\xc0\x80", "\xc1\xbf", "\xc2",
	    "\xc2"
	    "a",
	    "\xe0\x9f\xbf", "\xed\xa0\x80", "\xe2\x82",
	    "\xe2\x82"
	    "a",
	    "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf0\x90\x80", "\xf5\x80\x80\x80", "\xff"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		ck_assert_uint_eq(utf8_length(texts[i], strlen(texts[i])), 0);
}
END_TEST

UNIT(utf8, takes_one_well_formed_character, refuses_what_is_none);

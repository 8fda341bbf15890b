#include "unit.h"

#include <errno.h>

#include "timefmt.h"

START_TEST(formats)
{
	char basic[TIME_BASIC_SIZE], iso[TIME_ISO_SIZE];

	time_format_basic(1767323045, basic);
	ck_assert_str_eq(basic, "20260102T030405Z");
	time_format_iso(1767323045678, iso);
	ck_assert_str_eq(iso, "2026-01-02T03:04:05.678Z");
	time_format_iso(1767323045007, iso);
	ck_assert_str_eq(iso, "2026-01-02T03:04:05.007Z");
}
END_TEST

START_TEST(stays_within_its_buffer)
{
	char basic[TIME_BASIC_SIZE], iso[TIME_ISO_SIZE];

	time_format_basic(INT64_MAX, basic);
	ck_assert_str_eq(basic, "99991231T235959Z");
	time_format_basic(INT64_MIN, basic);
	ck_assert_str_eq(basic, "19700101T000000Z");
	time_format_iso(INT64_MAX, iso);
	ck_assert_str_eq(iso, "9999-12-31T23:59:59.807Z");
	time_format_iso(-1, iso);
	ck_assert_str_eq(iso, "1970-01-01T00:00:00.000Z");
}
END_TEST

struct date {
	const char *text;
	int64_t seconds;
};

START_TEST(reads_the_three_forms_of_http)
{
	/* RFC 9110 §5.6.7's own examples first. */
	static const struct date dates[] = {{"Sun, 06 Nov 1994 08:49:37 GMT", 784111777},
	    {"Sunday, 06-Nov-94 08:49:37 GMT", 784111777}, {"Sun Nov  6 08:49:37 1994", 784111777},
	    {"Fri, 02 Jan 2026 03:04:05 GMT", 1767323045},
	    {"Friday, 02-Jan-26 03:04:05 GMT", 1767323045},
	    {"Fri Jan  2 03:04:05 2026", 1767323045}, {"Thu Feb 29 23:59:59 2024", 1709251199},
	    {"Thu, 29 Feb 2024 23:59:59 GMT", 1709251199}, {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
	    {"Wednesday, 31-Dec-69 23:59:59 GMT", -1},
	    {"Monday, 31-Dec-68 23:59:59 GMT", 3124223999}};

	for (size_t i = 0; i < sizeof(dates) / sizeof(*dates); i++) {
		int64_t seconds = -1;

		ck_assert_msg(time_parse_http(dates[i].text, &seconds) == 0, "%s", dates[i].text);
		ck_assert_int_eq(seconds, dates[i].seconds);
	}
}
END_TEST

START_TEST(refuses_other_dates)
{
	static const char *const texts[] = {"", "Fri", "Mon, 02 Jan 2026 03:04:05 GMT",
	    "Fri, 2 Jan 2026 03:04:05 GMT", "Fri, 02 Jan 2026 03:04:05",
	    "Fri, 02 Jan 2026 03:04:05 UTC", "Fri, 02 Jan 2026 03:04:05 GMT ",
	    " Fri, 02 Jan 2026 03:04:05 GMT", "Fri,  02 Jan 2026 03:04:05 GMT",
	    "Fri, 02 Jan 26 03:04:05 GMT", "fri, 02 jan 2026 03:04:05 gmt",
	    "Sat, 30 Feb 2026 03:04:05 GMT", "Fri, 02 Jan 2026 24:04:05 GMT",
	    "Fri, 02 Jan 2026 3:04:05 GMT", "1767323045", "Sun, 02 Jan 2026 03:04:05 GMT",
	    "Fri, 02 Xxx 2026 03:04:05 GMT", "Xxx, 02 Jan 2026 03:04:05 GMT",
	    "Friday, 02-Jan-2x 03:04:05 GMT", "Fri Jan 02 03:04:05 20266",
	    "Fri Jan  02 03:04:05 2026", "Fri, 02 Jan 2026 03:60:05 GMT",
	    "Fri, 02 Jan 2026 03:04:60 GMT", "2026-01-02T03:04:05Z"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		int64_t seconds = -1;

		ck_assert_msg(time_parse_http(texts[i], &seconds) == -EINVAL, "%s", texts[i]);
		ck_assert_int_eq(seconds, -1);
	}
}
END_TEST

START_TEST(reads_iso_with_fraction_and_zone)
{
	static const struct date dates[] = {{"2026-01-02T03:04:05Z", 1767323045},
	    {"2026-01-02T03:04:05.999999999Z", 1767323045},
	    {"2026-01-02T03:04:05+00:00", 1767323045}, {"2026-01-02T05:34:05.5+02:30", 1767323045},
	    {"2026-01-01T22:04:05-05:00", 1767323045}, {"1970-01-01T00:00:00Z", 0},
	    {"1969-12-31T23:59:59Z", -1}, {"2024-02-29T00:00:00Z", 1709164800}};

	for (size_t i = 0; i < sizeof(dates) / sizeof(*dates); i++) {
		int64_t seconds = 7;

		ck_assert_msg(time_parse_iso(dates[i].text, &seconds) == 0, "%s", dates[i].text);
		ck_assert_int_eq(seconds, dates[i].seconds);
	}
}
END_TEST

/* What dateutil's parser, and so botocore, takes too. */
START_TEST(reads_other_forms_of_iso)
{
	static const char *const same[] = {"2026-01-02T03:04:05Z", "2026-01-02t03:04:05z",
	    "2026-01-02 03:04:05Z", "2026-01-02 03:04:05 Z", "2026-01-02T03:04:05UTC",
	    "2026-01-02T03:04:05 GMT", "2026-01-02T03:04:05+0000", "2026-01-02T03:04:05-00",
	    "2026-01-02T04:04:05 +01:00", "2026-01-02T04:34:05+0130", "2026-01-02T03:04:05,9Z",
	    "20260102T030405Z", "2026-01-02T030405Z", "20260102T03:04:05Z", "20260102T030405.123Z"};
	static const char *const minutes[] = {
	    "2026-01-02T03:04Z", "20260102T0304Z", "2026-01-02T0304Z", "20260102 03:04UTC"};
	int64_t seconds;

	for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++) {
		ck_assert_msg(time_parse_iso(same[i], &seconds) == 0, "%s", same[i]);
		ck_assert_msg(seconds == 1767323045, "%s", same[i]);
	}
	for (size_t i = 0; i < sizeof(minutes) / sizeof(*minutes); i++) {
		ck_assert_msg(time_parse_iso(minutes[i], &seconds) == 0, "%s", minutes[i]);
		ck_assert_int_eq(seconds, 1767323040);
	}
}
END_TEST

START_TEST(refuses_other_iso_texts)
{
	static const char *const texts[] = {"", "Z", "2026", "2026-01-02", "2026-01-02T03:04:05",
	    "2026-01-02  03:04:05Z", "2026-01-02T03:04.5Z", "2026-01-02T03:04:05.Z",
	    "2026-01-02T03:04:05  Z", "2026-01-02T03:04:05Z ", "2026-01-02T03:04:05+000",
	    "2026-01-02T03:04:05+00:0", "2026-01-02T03:04:05+00:000", "2026-01-02T03:04:05+24:00",
	    "2026-01-02T03:04:05+00:60", "2026-01-02T03:04:05+xx:00", "2026-13-02T03:04:05Z",
	    "2026-00-02T03:04:05Z", "2026-01-02T24:04:05Z", "2026-01-02T03:60:05Z",
	    "2026-01-02T03:04:60Z", "2026-01-00T03:04:05Z", "2026-01-32T03:04:05Z",
	    "2026-02-29T03:04:05Z", "26-01-02T03:04:05Z", "2026-0102T030405Z", "2026-1-2T03:04:05Z",
	    "2026-01-02T03:04:05.5", "2026-01-02T03:04:05utc", "2026-01-02T03:04:05,Z",
	    "2026-01-02T03:04:05EST", "2026-01-02T03:04:05+", "2026-01-02T03:04:05+1",
	    "2026-01-02T03:04:05+01:", "2026-01-02T03:04:05+01:00:00", "2026-01-02T03:04:5Z",
	    "2026-01-02_03:04:05Z", "2026-01-02T", "2026-01-02TZ", "2026-01-02T03Z", "1767323045",
	    "+2026-01-02T03:04:05Z"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		int64_t seconds = 7;

		ck_assert_msg(time_parse_iso(texts[i], &seconds) == -EINVAL, "%s", texts[i]);
		ck_assert_int_eq(seconds, 7);
	}
}
END_TEST

UNIT(timefmt, formats, stays_within_its_buffer, reads_the_three_forms_of_http, refuses_other_dates,
    reads_iso_with_fraction_and_zone, reads_other_forms_of_iso, refuses_other_iso_texts);

#pragma once
/* Dates as text, both ways, UTC only. Pure: the time is an argument. */
#include <stdint.h>

enum { TIME_BASIC_SIZE = 17, TIME_ISO_SIZE = 25, TIME_HTTP_SIZE = 30 };

/* What lies before 1970 or after 9999 is written as the nearest time that does not. */

/* 20260102T030405Z, as AWS signs it (ISO 8601 basic). */
void time_format_basic(int64_t seconds, char ret[static TIME_BASIC_SIZE]);
/* 2026-01-02T03:04:05.678Z */
void time_format_iso(int64_t milliseconds, char ret[static TIME_ISO_SIZE]);
/*
 * RFC 9110 §5.6.7, all three forms; a weekday that is not the date's is refused. 0 or −EINVAL.
 * Seconds since the epoch; two-digit years as POSIX's strptime() has them (69 to 99 are 19xx).
 */
int time_parse_http(const char *text, int64_t *ret_seconds);
/*
 * ISO 8601 as the expiries of credentials have it, since some are written by a person's own tool:
 * extended or basic, 'T' or a blank between, with or without seconds and their fraction, and a zone
 * (Z, UTC, GMT, ±hh:mm, ±hhmm, ±hh), without which it is no point in time. 0 or −EINVAL.
 */
int time_parse_iso(const char *text, int64_t *ret_seconds);

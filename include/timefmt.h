#pragma once
/* Dates as text, both ways, UTC only. Pure: the time is an argument. */
#include <stdint.h>

enum { TIME_BASIC_SIZE = 17, TIME_ISO_SIZE = 25, TIME_HTTP_SIZE = 30 };

/* 20260102T030405Z, as AWS signs it (ISO 8601 basic). */
void time_format_basic(int64_t seconds, char ret[static TIME_BASIC_SIZE]);
/* 2026-01-02T03:04:05.678Z */
void time_format_iso(int64_t milliseconds, char ret[static TIME_ISO_SIZE]);
/* RFC 9110 §5.6.7, all three forms; 0 or −EINVAL. Seconds since the epoch. */
int time_parse_http(const char *text, int64_t *ret_seconds);
/* ISO 8601 extended, with or without fraction, Z or ±hh:mm: as in credential expiries. */
int time_parse_iso(const char *text, int64_t *ret_seconds);

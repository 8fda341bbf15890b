#include "timefmt.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* The year 9999 is the last that the formats can show. */
static const int64_t seconds_max = 253402300799;

static void civil(int64_t seconds, struct tm *ret)
{
	time_t clamped = seconds < 0 ? 0 : seconds > seconds_max ? seconds_max : seconds;

	gmtime_r(&clamped, ret);
}

void time_format_basic(int64_t seconds, char ret[static TIME_BASIC_SIZE])
{
	struct tm tm;

	civil(seconds, &tm);
	strftime(ret, TIME_BASIC_SIZE, "%Y%m%dT%H%M%SZ", &tm);
}

void time_format_iso(int64_t milliseconds, char ret[static TIME_ISO_SIZE])
{
	int64_t positive = milliseconds < 0 ? 0 : milliseconds;
	struct tm tm;
	size_t len;

	civil(positive / 1000, &tm);
	len = strftime(ret, TIME_ISO_SIZE, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(ret + len, TIME_ISO_SIZE - len, ".%03uZ", (unsigned)(positive % 1000));
}

static bool read_digits(const char **text, int count, int *ret)
{
	int value = 0;

	for (int i = 0; i < count; i++, (*text)++) {
		if (!isdigit((unsigned char)**text))
			return false;
		value = value * 10 + **text - '0';
	}
	*ret = value;
	return true;
}

static bool read_name(const char **text, const char *const *names, int count, int *ret)
{
	for (int i = 0; i < count; i++) {
		size_t len = strlen(names[i]);

		if (strncmp(*text, names[i], len) == 0) {
			*text += len;
			*ret = i;
			return true;
		}
	}
	return false;
}

/* Two-digit years as in POSIX's strptime(): 69 to 99 are of the last century. */
static bool read_short_year(const char **text, int *ret)
{
	if (!read_digits(text, 2, ret))
		return false;
	*ret += *ret < 69 ? 100 : 0;
	return true;
}

static bool read_field(const char **text, char field, struct tm *tm)
{
	static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char *const long_days[] = {
	    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
	static const char *const months[] = {
	    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

	switch (field) {
	case 'a':
		return read_name(text, days, 7, &tm->tm_wday);
	case 'A':
		return read_name(text, long_days, 7, &tm->tm_wday);
	case 'b':
		return read_name(text, months, 12, &tm->tm_mon);
	case 'm':
		return read_digits(text, 2, &tm->tm_mon) && tm->tm_mon-- > 0;
	case 'e':
		return **text == ' ' ? (++*text, read_digits(text, 1, &tm->tm_mday))
				     : read_digits(text, 2, &tm->tm_mday);
	case 'd':
		return read_digits(text, 2, &tm->tm_mday);
	case 't':
		return **text && strchr("Tt ", *(*text)++);
	case 'y':
		return read_short_year(text, &tm->tm_year);
	case 'Y':
		return read_digits(text, 4, &tm->tm_year) && (tm->tm_year -= 1900, true);
	case 'H':
		return read_digits(text, 2, &tm->tm_hour);
	case 'M':
		return read_digits(text, 2, &tm->tm_min);
	default:
		return read_digits(text, 2, &tm->tm_sec);
	}
}

/* timegm() normalises what no calendar has, so that it comes back changed. */
static int seconds_of(const struct tm *tm, int64_t *ret)
{
	struct tm copy = *tm;
	time_t seconds = timegm(&copy);

	if (copy.tm_mon != tm->tm_mon || copy.tm_mday != tm->tm_mday ||
	    copy.tm_hour != tm->tm_hour || copy.tm_min != tm->tm_min || copy.tm_sec != tm->tm_sec ||
	    (tm->tm_wday >= 0 && copy.tm_wday != tm->tm_wday))
		return -EINVAL;
	*ret = seconds;
	return 0;
}

/* Like strptime(), but strict about widths and spaces, and without locale. Advances text. */
static int parse(const char **text, const char *pattern, int64_t *ret)
{
	struct tm tm = {.tm_wday = -1};

	for (; *pattern; pattern++) {
		if (*pattern == '%') {
			if (!read_field(text, *++pattern, &tm))
				return -EINVAL;
		} else if (*(*text)++ != *pattern) {
			return -EINVAL;
		}
	}
	return seconds_of(&tm, ret);
}

int time_parse_http(const char *text, int64_t *ret_seconds)
{
	/* IMF-fixdate, RFC 850, asctime(). */
	static const char *const patterns[] = {
	    "%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"};

	for (size_t i = 0; i < sizeof(patterns) / sizeof(*patterns); i++) {
		const char *rest = text;
		int64_t seconds;

		if (parse(&rest, patterns[i], &seconds) == 0 && *rest == '\0') {
			*ret_seconds = seconds;
			return 0;
		}
	}
	return -EINVAL;
}

/* Z, UTC, GMT, +hh:mm, +hhmm, +hh, perhaps after a space, to the end of the text. */
static int parse_zone(const char *text, int64_t *ret_seconds)
{
	int sign, hours, minutes = 0;

	text += *text == ' ';
	if (!strcasecmp(text, "Z") || !strcmp(text, "UTC") || !strcmp(text, "GMT")) {
		*ret_seconds = 0;
		return 0;
	}
	if (*text != '+' && *text != '-')
		return -EINVAL;
	sign = *text++ == '-' ? -1 : 1;
	if (!read_digits(&text, 2, &hours))
		return -EINVAL;
	if (*text && (text += *text == ':', !read_digits(&text, 2, &minutes)))
		return -EINVAL;
	if (*text || hours > 23 || minutes > 59)
		return -EINVAL;
	*ret_seconds = sign * (hours * 60 + minutes) * 60;
	return 0;
}

/* Past the fraction of a second, if there is one; NULL for one without digits. */
static const char *skip_fraction(const char *text)
{
	size_t digits;

	if (*text != '.' && *text != ',')
		return text;
	digits = strspn(text + 1, "0123456789");
	return digits ? text + 1 + digits : NULL;
}

int time_parse_iso(const char *text, int64_t *ret_seconds)
{
	/* A longer one comes before those that it begins with. */
	static const char *const patterns[] = {"%Y-%m-%d%t%H:%M:%S", "%Y-%m-%d%t%H:%M",
	    "%Y-%m-%d%t%H%M%S", "%Y-%m-%d%t%H%M", "%Y%m%d%t%H:%M:%S", "%Y%m%d%t%H:%M",
	    "%Y%m%d%t%H%M%S", "%Y%m%d%t%H%M"};

	for (size_t i = 0; i < sizeof(patterns) / sizeof(*patterns); i++) {
		const char *rest = text;
		int64_t seconds, zone;

		if (parse(&rest, patterns[i], &seconds) < 0)
			continue;
		if (strchr(patterns[i], 'S'))
			rest = skip_fraction(rest);
		if (!rest || parse_zone(rest, &zone) < 0)
			return -EINVAL;
		*ret_seconds = seconds - zone;
		return 0;
	}
	return -EINVAL;
}

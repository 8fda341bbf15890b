#include "utf8.h"

/* Second octets that keep a lead octet well-formed: RFC 3629 §4. */
static int second_fits(unsigned char lead, unsigned char second)
{
	unsigned char low = 0x80, high = 0xbf;

	if (lead == 0xe0)
		low = 0xa0;
	else if (lead == 0xed)
		high = 0x9f;
	else if (lead == 0xf0)
		low = 0x90;
	else if (lead == 0xf4)
		high = 0x8f;
	return second >= low && second <= high;
}

size_t utf8_length(const char *text, size_t len)
{
	const unsigned char *bytes = (const unsigned char *)text;
	size_t want;

	if (len == 0)
		return 0;
	if (bytes[0] < 0x80)
		return 1;
	if (bytes[0] < 0xc2 || bytes[0] > 0xf4)
		return 0;
	want = bytes[0] < 0xe0 ? 2 : bytes[0] < 0xf0 ? 3 : 4;
	if (len < want || !second_fits(bytes[0], bytes[1]))
		return 0;
	for (size_t i = 2; i < want; i++)
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
	return want;
}

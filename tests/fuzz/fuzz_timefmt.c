/* Dates: what is read is written as the same time. */
#include "fuzz.h"

#include "cleanup.h"
#include "timefmt.h"

static void check_iso(int64_t seconds)
{
	char iso[TIME_ISO_SIZE], basic[TIME_BASIC_SIZE];
	int64_t again;

	time_format_basic(seconds, basic);
	time_format_iso(seconds * 1000, iso);
	MUST(time_parse_iso(iso, &again) == 0);
	if (seconds >= 0 && seconds <= 253402300799)
		MUST(again == seconds);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(freep) char *text = fuzz_text(data, size);
	int64_t seconds;

	if (time_parse_iso(text, &seconds) == 0)
		check_iso(seconds);
	if (time_parse_http(text, &seconds) == 0)
		check_iso(seconds);
	return 0;
}

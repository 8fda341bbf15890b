/* A configured endpoint: what is written as its Host is read as the same endpoint. */
#include "fuzz.h"

#include <string.h>

#include "base_url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(freep) char *text = fuzz_text(data, size);
	_cleanup_str_ struct str again = {};
	struct base_url first = {}, second = {};

	if (base_url_parse(text, &first) < 0)
		return 0;
	MUST(*first.host && first.port >= 1 && first.port <= 65535);
	MUST(str_append_text(&again, first.tls ? "https://" : "http://") == 0);
	MUST(base_url_write_host(&first, &again) == 0);
	MUST(base_url_parse(again.data, &second) == 0);
	MUST(strcmp(first.host, second.host) == 0);
	MUST(first.tls == second.tls && first.port == second.port);
	return 0;
}

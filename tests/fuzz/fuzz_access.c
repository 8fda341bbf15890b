/* An access line of any texts, one a line: one line of its own, and as JSON it is JSON. */
#include "fuzz.h"

#include <string.h>

#include "access.h"
#include "json.h"

static void check_text(const struct access *access)
{
	_cleanup_str_ struct str line = {};

	MUST(access_write(access, LOG_FORMAT_TEXT, &line) == 0);
	for (size_t i = 0; i < line.len; i++)
		MUST((unsigned char)line.data[i] >= 0x20 && line.data[i] != 0x7f);
}

static void check_json(const struct access *access)
{
	_cleanup_(json_freep) struct json *root = NULL;
	_cleanup_str_ struct str line = {};

	MUST(access_write(access, LOG_FORMAT_JSON, &line) == 0);
	MUST(!memchr(line.data, '\n', line.len));
	MUST(json_parse(line.data, line.len, &root, NULL) == 0);
	MUST(json_number(json_get(root, "status"), -1) == access->status);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(freep) char *text = fuzz_text(data, size);
	char *rest = text;
	struct access access = {
	    .time_ms = 1767323045678, .status = 201, .ms = 7, .created = size % 2};

	access.client = strsep(&rest, "\n");
	access.user = strsep(&rest, "\n");
	access.method = strsep(&rest, "\n");
	access.operation = strsep(&rest, "\n");
	access.registry = strsep(&rest, "\n");
	access.repository = strsep(&rest, "\n");
	access.reason = strsep(&rest, "\n");
	access.detail = rest; /* may hold newlines */
	check_text(&access);
	check_json(&access);
	return 0;
}

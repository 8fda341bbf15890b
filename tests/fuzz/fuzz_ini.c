/* AWS's configuration files. */
#include "fuzz.h"

#include <string.h>

#include "ini.h"

static int on_entry(void *userdata, const char *section, const char *key, const char *value)
{
	MUST(section && !key == !value);
	MUST(!memchr(section, '\n', strlen(section)));
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e = {};

	MUST(ini_parse((const char *)data, size, on_entry, NULL, &e) == 0 || *e.text);
	return 0;
}

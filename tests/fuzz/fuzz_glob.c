/* A pattern, a newline and a text: whatever surrounds both alike does not change what matches. */
#include "fuzz.h"

#include <string.h>

#include "glob.h"
#include "str.h"

static struct glob *compile(const char *before, const char *pattern, const char *after)
{
	_cleanup_str_ struct str s = {};
	struct glob *glob = NULL;

	MUST(str_appendf(&s, "%s%s%s", before, pattern, after) == 0);
	if (glob_compile(s.data, &glob, NULL) < 0)
		return NULL;
	MUST(strcmp(glob_pattern(glob), s.data) == 0);
	return glob;
}

static bool matches(const struct glob *glob, const char *before, const char *text)
{
	_cleanup_str_ struct str s = {};

	MUST(str_appendf(&s, "%s%s", before, text) == 0);
	return glob_match(glob, s.data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(freep) char *pattern = fuzz_text(data, size);
	char *newline = strchr(pattern, '\n'), *text = newline ? newline + 1 : pattern;
	_cleanup_(glob_freep) struct glob *glob = NULL, *below = NULL, *either = NULL, *any = NULL;
	bool found;

	if (newline)
		*newline = '\0';
	glob = compile("", pattern, "");
	below = compile("x/", pattern, "");
	either = compile("{zz,", pattern, ",}");
	any = compile("{", pattern, ",**}");
	if (!glob)
		return 0;
	found = glob_match(glob, text);
	MUST(found || strpbrk(pattern, "*?{}") || strcmp(pattern, text) != 0);
	MUST(!below || matches(below, "x/", text) == found);
	MUST(!any || glob_match(any, text));
	/* A comma outside braces is itself, within them it parts alternatives. */
	if (either && *text && strcmp(text, "zz") != 0 && !strchr(pattern, ','))
		MUST(glob_match(either, text) == found);
	return 0;
}

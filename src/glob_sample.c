#include "glob_sample.h"

#include <errno.h>
#include <string.h>

/* Behind the `}` that closes what the comma is in. */
static const char *skip_alternatives(const char *comma)
{
	int depth = 1;

	for (; depth > 0; comma++)
		depth += (*comma == '{') - (*comma == '}');
	return comma;
}

static int write_sample(const char *pattern, const char *word, struct str *ret)
{
	int depth = 0, r = 0;

	while (*pattern && r == 0) {
		char c = *pattern;

		if (c == ',' && depth > 0) {
			pattern = skip_alternatives(pattern);
			depth--;
			continue;
		}
		if (c == '*')
			r = str_append_text(ret, word);
		else if (c == '?')
			r = str_append_text(ret, "x");
		else if (c != '{' && c != '}')
			r = str_append(ret, &c, 1);
		depth += (c == '{') - (c == '}');
		pattern += c == '*' ? strspn(pattern, "*") : 1;
	}
	return r;
}

int glob_sample(const struct glob *glob, const char *word, struct str *ret)
{
	_cleanup_str_ struct str sample = {};
	int r = write_sample(glob_pattern(glob), word, &sample);

	if (r < 0)
		return r;
	if (!glob_match(glob, str_text(&sample)))
		return -ENOENT;
	return str_append_text(ret, str_text(&sample));
}

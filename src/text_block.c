#include "text_block.h"

#include <errno.h>
#include <string.h>

static const char begin[] =
    "# ecr-upsertd client-config: begin (what is in here will be replaced)\n";
static const char end[] = "# ecr-upsertd client-config: end\n";

int text_block_write(const char *body, struct str *ret)
{
	return str_appendf(ret, "%s%s%s", begin, body, end);
}

/* A whole line only: another comment may quote ours. */
static const char *find_line(const char *text, const char *line)
{
	const char *at = text;

	while ((at = strstr(at, line)) && at != text && at[-1] != '\n')
		at++;
	return at;
}

bool text_block_is_in(const char *text)
{
	return find_line(text, begin) != NULL;
}

bool text_block_is_all(const char *text)
{
	const char *stop = find_line(text, end);

	return find_line(text, begin) == text && stop && stop[strlen(end)] == '\0';
}

int text_block_merge(const char *text, const char *block, struct str *ret)
{
	const char *start = find_line(text, begin);
	const char *stop;
	size_t len = strlen(text);

	if (!start)
		return str_appendf(
		    ret, "%s%s%s", text, len > 0 && text[len - 1] != '\n' ? "\n" : "", block);
	stop = find_line(start, end);
	if (!stop)
		return -EBADMSG;
	return str_appendf(ret, "%.*s%s%s", (int)(start - text), text, block, stop + strlen(end));
}

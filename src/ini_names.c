#include "ini_names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

int ini_names_add(struct ini_names *names, const struct ini_name *name)
{
	if (names->len == names->cap) {
		size_t cap = names->cap ? names->cap * 2 : 32;
		struct ini_name *items = reallocarray(names->items, cap, sizeof(*items));

		if (!items)
			return -ENOMEM;
		names->items = items;
		names->cap = cap;
	}
	names->items[names->len++] = *name;
	return 0;
}

/* 0 for the same name. */
static int compare_names(const struct ini_name *a, const struct ini_name *b)
{
	if (a->section != b->section)
		return a->section < b->section ? -1 : 1;
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	return a->section ? strncasecmp(a->text, b->text, a->len)
			  : memcmp(a->text, b->text, a->len);
}

static int compare(const void *left, const void *right)
{
	const struct ini_name *a = left, *b = right;
	int order = compare_names(a, b);

	return order ? order : (a->line > b->line) - (a->line < b->line);
}

unsigned ini_names_find_repeated(struct ini_names *names)
{
	unsigned first = 0;

	/* Sorted, since a file may have as many keys as it has lines. */
	if (names->len)
		qsort(names->items, names->len, sizeof(*names->items), compare);
	for (size_t i = 1; i < names->len; i++) {
		unsigned line = names->items[i].line;

		if (!compare_names(&names->items[i - 1], &names->items[i]) &&
		    (!first || line < first))
			first = line;
	}
	return first;
}

void ini_names_finish(struct ini_names *names)
{
	free(names->items);
	*names = (struct ini_names){};
}

#include "headers.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "str.h"

enum { HEADERS_FIRST = 16 };

/* RFC 9110 §7.6.1, and what each hop writes itself; beside them all of Proxy-*. */
static const char *const hop_by_hop[] = {
    "Connection", "Keep-Alive", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Content-Length"};

static int reserve(struct headers *list)
{
	size_t cap = list->cap ? 2 * list->cap : HEADERS_FIRST;
	struct header *items;

	if (list->len < list->cap)
		return 0;
	items = reallocarray(list->items, cap, sizeof(*items));
	if (!items)
		return -ENOMEM;
	list->items = items;
	list->cap = cap;
	return 0;
}

static void header_finish(struct header *header)
{
	free(header->name);
	secret_free(header->value);
}

int headers_add_n(
    struct headers *list, const char *name, size_t name_len, const char *value, size_t value_len)
{
	struct header header = {};

	if (reserve(list) < 0)
		return -ENOMEM;
	header.name = str_copy(name, name_len);
	header.value = str_copy(value, value_len);
	if (!header.name || !header.value) {
		header_finish(&header);
		return -ENOMEM;
	}
	list->items[list->len++] = header;
	return 0;
}

int headers_add(struct headers *list, const char *name, const char *value)
{
	return headers_add_n(list, name, strlen(name), value, strlen(value));
}

const char *headers_get(const struct headers *list, const char *name)
{
	for (size_t i = 0; i < list->len; i++)
		if (strcasecmp(list->items[i].name, name) == 0)
			return list->items[i].value;
	return NULL;
}

size_t headers_count(const struct headers *list, const char *name)
{
	size_t count = 0;

	for (size_t i = 0; i < list->len; i++)
		count += strcasecmp(list->items[i].name, name) == 0;
	return count;
}

/* Removes the fields of that name among the first `end`. */
static void remove_before(struct headers *list, size_t end, const char *name)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->len; i++) {
		if (i < end && strcasecmp(list->items[i].name, name) == 0)
			header_finish(&list->items[i]);
		else
			list->items[kept++] = list->items[i];
	}
	list->len = kept;
}

void headers_remove(struct headers *list, const char *name)
{
	remove_before(list, list->len, name);
}

static bool list_has_token(const char *list, const char *token, size_t token_len)
{
	while (*list) {
		size_t len;

		list += strspn(list, " \t,");
		len = strcspn(list, ",");
		while (len && strchr(" \t", list[len - 1]))
			len--;
		if (len == token_len && strncasecmp(list, token, len) == 0)
			return len > 0;
		list += strcspn(list, ",");
	}
	return false;
}

bool headers_have_token(const struct headers *list, const char *name, const char *token)
{
	for (size_t i = 0; i < list->len; i++)
		if (strcasecmp(list->items[i].name, name) == 0 &&
		    list_has_token(list->items[i].value, token, strlen(token)))
			return true;
	return false;
}

static bool is_for_this_hop(const struct headers *list, const char *name)
{
	for (size_t i = 0; i < sizeof(hop_by_hop) / sizeof(*hop_by_hop); i++)
		if (strcasecmp(name, hop_by_hop[i]) == 0)
			return true;
	return strncasecmp(name, "Proxy-", 6) == 0 || headers_have_token(list, "Connection", name);
}

int headers_copy_end_to_end(const struct headers *from, struct headers *ret)
{
	_cleanup_headers_ struct headers copy = {};
	int r;

	for (size_t i = 0; i < from->len; i++) {
		if (is_for_this_hop(from, from->items[i].name))
			continue;
		r = headers_add(&copy, from->items[i].name, from->items[i].value);
		if (r < 0)
			return r;
	}
	*ret = copy;
	copy = (struct headers){};
	return 0;
}

void headers_finish(struct headers *list)
{
	if (!list)
		return;
	for (size_t i = 0; i < list->len; i++)
		header_finish(&list->items[i]);
	free(list->items);
	*list = (struct headers){};
}

#include "sigv4_uri.h"

#include <errno.h>
#include <string.h>

#include "http_syntax.h"

struct parameter {
	struct str name; /* both encoded */
	struct str value;
};

struct parameters {
	struct parameter *items;
	size_t len;
};

static bool is_unreserved(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("-._~", c));
}

static int encode(const char *bytes, size_t len, bool keep_slash, struct str *ret)
{
	int r = 0;

	for (size_t i = 0; i < len && r >= 0; i++) {
		unsigned char c = (unsigned char)bytes[i];

		if (is_unreserved(c) || (keep_slash && c == '/'))
			r = str_append(ret, &bytes[i], 1);
		else
			r = str_appendf(ret, "%%%02X", c);
	}
	return r;
}

static int decode(const char *bytes, size_t len, struct str *ret)
{
	int r = 0;

	for (size_t i = 0; i < len && r >= 0; i++) {
		char c = bytes[i];

		if (c == '%') {
			int high = i + 2 < len ? http_hex_value(bytes[i + 1]) : -1;
			int low = high >= 0 ? http_hex_value(bytes[i + 2]) : -1;

			if (low < 0)
				return -EINVAL;
			c = (char)(high * 16 + low);
			i += 2;
		}
		r = str_append(ret, &c, 1);
	}
	return r;
}

static int recode(const char *bytes, size_t len, struct str *ret)
{
	_cleanup_str_ struct str plain = {};
	int r;

	r = decode(bytes, len, &plain);
	return r < 0 ? r : encode(plain.data, plain.len, false, ret);
}

/* Appends "/segment", or takes the last one off for "..". */
static int push_segment(const char *segment, size_t len, struct str *out)
{
	int r;

	if (!len || (len == 1 && segment[0] == '.'))
		return 0;
	if (len == 2 && !memcmp(segment, "..", 2)) {
		const char *slash = out->len ? memrchr(out->data, '/', out->len) : NULL;

		out->len = slash ? (size_t)(slash - out->data) : 0;
		return 0;
	}
	r = str_append(out, "/", 1);
	return r < 0 ? r : str_append(out, segment, len);
}

static int remove_segments(const char *path, struct str *ret)
{
	const char *at = path;
	int r = 0;

	while (*at && r >= 0) {
		size_t len = strcspn(at + 1, "/");

		r = push_segment(at + 1, len, ret);
		at += 1 + len;
	}
	if (r >= 0 && (!ret->len || at[-1] == '/'))
		r = str_append(ret, "/", 1);
	return r;
}

int sigv4_canonical_path(const char *path, bool keep_segments, struct str *ret)
{
	_cleanup_str_ struct str plain = {};
	int r;

	if (!*path)
		path = "/";
	if (*path != '/')
		return -EINVAL;
	if (keep_segments)
		return encode(path, strlen(path), true, ret);
	r = remove_segments(path, &plain);
	return r < 0 ? r : encode(plain.data, plain.len, true, ret);
}

static void parameters_finish(struct parameters *list)
{
	for (size_t i = 0; i < list->len; i++) {
		str_finish(&list->items[i].name);
		str_finish(&list->items[i].value);
	}
	free(list->items);
}

static int parameters_allocate(struct parameters *list, const char *query)
{
	size_t max = 1;

	for (const char *c = query; *c; c++)
		max += *c == '&';
	list->items = calloc(max, sizeof(*list->items));
	return list->items ? 0 : -ENOMEM;
}

static int parameters_read(struct parameters *list, const char *query)
{
	int r = 0;

	while (*query && r >= 0) {
		size_t len = strcspn(query, "&");
		const char *equals = memchr(query, '=', len);
		size_t name_len = equals ? (size_t)(equals - query) : len;

		if (len) {
			struct parameter *item = &list->items[list->len++];

			r = recode(query, name_len, &item->name);
			if (r >= 0 && equals)
				r = recode(equals + 1, len - name_len - 1, &item->value);
		}
		query += len + (query[len] == '&');
	}
	return r;
}

static int parameter_compare(const void *a, const void *b)
{
	const struct parameter *left = a, *right = b;
	int r = strcmp(str_text(&left->name), str_text(&right->name));

	return r ? r : strcmp(str_text(&left->value), str_text(&right->value));
}

int sigv4_canonical_query(const char *query, struct str *ret)
{
	_cleanup_(parameters_finish) struct parameters list = {};
	int r;

	if (!query)
		return 0;
	r = parameters_allocate(&list, query);
	if (r >= 0)
		r = parameters_read(&list, query);
	if (r < 0)
		return r;
	qsort(list.items, list.len, sizeof(*list.items), parameter_compare);
	for (size_t i = 0; i < list.len && r >= 0; i++)
		r = str_appendf(ret, "%s%s=%s", i ? "&" : "", str_text(&list.items[i].name),
		    str_text(&list.items[i].value));
	return r;
}

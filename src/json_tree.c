#include "json_tree.h"

#include <string.h>

struct json *json_append_child(struct json *parent)
{
	if (parent->len == parent->cap) {
		size_t cap = parent->cap ? 2 * parent->cap : 4;
		struct json *children = reallocarray(parent->children, cap, sizeof(*children));

		if (!children)
			return NULL;
		parent->children = children;
		parent->cap = cap;
	}
	parent->children[parent->len] = (struct json){};
	return &parent->children[parent->len++];
}

static void node_finish(struct json *node)
{
	for (size_t i = 0; i < node->len; i++)
		node_finish(&node->children[i]);
	free(node->children);
	free(node->name);
	if (node->string)
		explicit_bzero(node->string, node->string_len);
	free(node->string);
}

void json_free(struct json *root)
{
	if (root)
		node_finish(root);
	free(root);
}

const struct json *json_get(const struct json *node, const char *name)
{
	if (!node || node->kind != JSON_OBJECT)
		return NULL;
	for (size_t i = 0; i < node->len; i++)
		if (strcmp(node->children[i].name, name) == 0)
			return &node->children[i];
	return NULL;
}

const struct json *json_at(const struct json *node, size_t index)
{
	return node && index < node->len ? &node->children[index] : NULL;
}

size_t json_len(const struct json *node)
{
	return node->len;
}

enum json_kind json_kind(const struct json *node)
{
	return node->kind;
}

const char *json_name(const struct json *node)
{
	return node->name;
}

size_t json_start(const struct json *node)
{
	return node->start;
}

size_t json_name_start(const struct json *node)
{
	return node->name_start;
}

const char *json_string(const struct json *node)
{
	if (!node || node->kind != JSON_STRING || memchr(node->string, 0, node->string_len))
		return NULL;
	return node->string;
}

double json_number(const struct json *node, double otherwise)
{
	return node && node->kind == JSON_NUMBER ? node->number : otherwise;
}

bool json_bool(const struct json *node, bool otherwise)
{
	return node && node->kind == JSON_BOOL ? node->truth : otherwise;
}

static int write_children(struct str *out, const struct json *node, const char brackets[static 2])
{
	int r = str_append(out, &brackets[0], 1);

	for (size_t i = 0; i < node->len && r == 0; i++) {
		const struct json *child = &node->children[i];

		if (i > 0)
			r = str_append_text(out, ",");
		if (r == 0 && child->name)
			r = json_write_string(out, child->name);
		if (r == 0 && child->name)
			r = str_append_text(out, ":");
		if (r == 0)
			r = json_write(out, child);
	}
	return r < 0 ? r : str_append(out, &brackets[1], 1);
}

int json_write(struct str *out, const struct json *node)
{
	switch (node->kind) {
	case JSON_NULL:
		return str_append_text(out, "null");
	case JSON_BOOL:
		return str_append_text(out, node->truth ? "true" : "false");
	case JSON_NUMBER:
		return str_append(out, node->string, node->string_len);
	case JSON_STRING:
		return json_write_octets(out, node->string, node->string_len);
	case JSON_OBJECT:
		return write_children(out, node, "{}");
	case JSON_ARRAY:
		return write_children(out, node, "[]");
	}
	return 0;
}

int json_write_string_or_null(struct str *out, const char *text)
{
	return text ? json_write_string(out, text) : str_append_text(out, "null");
}

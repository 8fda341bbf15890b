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
	if (!node || node->kind != JSON_ARRAY || index >= node->len)
		return NULL;
	return &node->children[index];
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

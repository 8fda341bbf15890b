#include "config_problems.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "err.h"
#include "json_text.h"
#include "log.h"
#include "utf8.h"

struct config_shown config_shown(const char *text)
{
	static const char dots[] = "…";
	struct config_shown shown = {};
	size_t len = strlen(text), cut = 0, step = utf8_length(text, len);

	if (len < sizeof(shown.text)) {
		memcpy(shown.text, text, len);
		return shown;
	}
	while (step > 0 && cut + step <= sizeof(shown.text) - sizeof(dots)) {
		cut += step;
		step = utf8_length(text + cut, len - cut);
	}
	snprintf(shown.text, sizeof(shown.text), "%.*s%s", (int)cut, text, dots);
	return shown;
}

static struct config_problem *add(struct config_problems *problems)
{
	if (problems->len == problems->cap) {
		size_t cap = problems->cap ? 2 * problems->cap : 8;
		struct config_problem *items = reallocarray(problems->items, cap, sizeof(*items));

		if (!items)
			return NULL;
		problems->items = items;
		problems->cap = cap;
	}
	return &problems->items[problems->len];
}

void config_problem(struct config_problems *problems, size_t at, const char *format, ...)
{
	char text[ERR_TEXT_MAX];
	struct config_problem *problem = add(problems);
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (problem)
		*problem = (struct config_problem){at, strdup(text)};
	if (!problem || !problem->text)
		problems->code = -ENOMEM;
	else
		problems->len++;
}

static int compare_offsets(size_t a, size_t b)
{
	return (a > b) - (a < b);
}

static int compare_named(const void *left, const void *right)
{
	const struct config_named *a = left, *b = right;
	int order = strcmp(a->text, b->text);

	return order ? order : compare_offsets(a->at, b->at);
}

void config_find_duplicates(
    struct config_problems *problems, struct config_named *items, size_t len, const char *what)
{
	if (len > 0)
		qsort(items, len, sizeof(*items), compare_named);
	for (size_t i = 1; i < len; i++)
		if (strcmp(items[i - 1].text, items[i].text) == 0)
			config_problem(problems, items[i].at, "%s \"%s\" is given twice", what,
			    config_shown(items[i].text).text);
}

void config_find_duplicate_keys(struct config_problems *problems, const struct json *root)
{
	size_t len = json_kind(root) == JSON_OBJECT ? json_len(root) : 0;
	struct config_named *items = calloc(len + 1, sizeof(*items));

	if (!items) {
		problems->code = -ENOMEM;
		return;
	}
	for (size_t i = 0; i < len; i++) {
		const struct json *member = json_at(root, i);

		items[i] = (struct config_named){json_name(member), json_name_start(member)};
	}
	config_find_duplicates(problems, items, len, "key");
	free(items);
	for (size_t i = 0; i < json_len(root); i++)
		config_find_duplicate_keys(problems, json_at(root, i));
}

void config_find_duplicate_values(
    struct config_problems *problems, const struct json *list, const char *key, const char *what)
{
	struct config_named *items = calloc(json_len(list) + 1, sizeof(*items));
	size_t len = 0;

	if (!items) {
		problems->code = -ENOMEM;
		return;
	}
	for (size_t i = 0; i < json_len(list); i++) {
		const struct json *value = json_get(json_at(list, i), key);

		if (json_string(value))
			items[len++] = (struct config_named){json_string(value), json_start(value)};
	}
	config_find_duplicates(problems, items, len, what);
	free(items);
}

static int compare_problems(const void *left, const void *right)
{
	const struct config_problem *a = left, *b = right;

	return a->at == b->at ? strcmp(a->text, b->text) : compare_offsets(a->at, b->at);
}

static int write_line(struct str *out, const char *name, struct json_place place, const char *text)
{
	int r = str_appendf(out, "%s:%zu:%zu: ", name, place.line, place.column);

	if (r == 0)
		r = log_escape(out, text);
	return r < 0 ? r : str_append_text(out, "\n");
}

int config_problems_write(
    struct config_problems *problems, const char *name, const char *text, struct str *ret)
{
	struct json_place place = {1, 1};
	size_t at = 0;
	int r = problems->code;

	if (problems->len > 0)
		qsort(problems->items, problems->len, sizeof(*problems->items), compare_problems);
	for (size_t i = 0; i < problems->len && r == 0; i++) {
		const struct config_problem *problem = &problems->items[i];

		json_text_advance(&place, text + at, problem->at - at);
		at = problem->at;
		r = write_line(ret, name, place, problem->text);
	}
	return r;
}

void config_problems_finish(struct config_problems *problems)
{
	for (size_t i = 0; i < problems->len; i++)
		free(problems->items[i].text);
	free(problems->items);
	*problems = (struct config_problems){};
}

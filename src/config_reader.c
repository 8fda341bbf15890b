#include "config_reader.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "nearest.h"

static const struct config_key *find_key(
    const struct config_key *keys, size_t len, const char *name)
{
	for (size_t i = 0; i < len; i++)
		if (strcmp(keys[i].name, name) == 0)
			return &keys[i];
	return NULL;
}

static void note_unknown(struct config_reader *reader, const struct json *member,
    const struct config_key *keys, size_t len)
{
	const char *names[CONFIG_KEYS_MAX];
	const char *name = json_name(member);

	for (size_t i = 0; i < len; i++)
		names[i] = keys[i].name;
	config_problem(&reader->problems, json_name_start(member),
	    "unknown key \"%s\"; did you mean \"%s\"?", config_shown(name).text,
	    nearest(name, strlen(name), names, len));
}

void config_read_object(struct config_reader *reader, const struct json *node,
    const struct config_key *keys, size_t len, void *target)
{
	if (!config_is(reader, node, JSON_OBJECT, "an object"))
		return;
	for (size_t i = 0; i < json_len(node); i++) {
		const struct json *member = json_at(node, i);
		const struct config_key *key = find_key(keys, len, json_name(member));

		if (!key)
			note_unknown(reader, member, keys, len);
		else if (json_get(node, json_name(member)) == member) /* else it is a duplicate */
			key->read(reader, member, target);
	}
}

void config_must_be(struct config_reader *reader, const struct json *node, const char *what)
{
	const char *name = json_name(node);

	config_problem(&reader->problems, json_start(node), "%s%smust be %s",
	    name ? config_shown(name).text : "", name ? " " : "", what);
}

bool config_is(
    struct config_reader *reader, const struct json *node, enum json_kind kind, const char *what)
{
	if (json_kind(node) == kind)
		return true;
	config_must_be(reader, node, what);
	return false;
}

const char *config_text(struct config_reader *reader, const struct json *node)
{
	const char *text = json_string(node);

	if (!config_is(reader, node, JSON_STRING, "a string"))
		return NULL;
	for (const char *at = text; at && *at; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			text = NULL;
	if (!text || *text == '\0') {
		config_must_be(reader, node,
		    text ? "a string that is not empty" : "free of control characters");
		return NULL;
	}
	return text;
}

void config_copy(struct config_reader *reader, const char *text, char **target)
{
	free(*target);
	*target = strdup(text);
	if (!*target)
		reader->problems.code = -ENOMEM;
}

void config_read_text(struct config_reader *reader, const struct json *node, char **target)
{
	const char *text = config_text(reader, node);

	if (text)
		config_copy(reader, text, target);
}

bool config_read_unsigned(struct config_reader *reader, const struct json *node, unsigned min,
    unsigned max, unsigned *target)
{
	double number = json_number(node, -1);
	_cleanup_str_ struct str written = {};
	char what[64];

	if (json_write(&written, node) < 0) {
		reader->problems.code = -ENOMEM;
		return false;
	}
	if (json_kind(node) != JSON_NUMBER || number < min || number > max ||
	    strspn(str_text(&written), "0123456789") != written.len) {
		snprintf(what, sizeof(what), "an integer from %u to %u", min, max);
		config_must_be(reader, node, what);
		return false;
	}
	*target = (unsigned)number;
	return true;
}

void config_read_bool(struct config_reader *reader, const struct json *node, bool *target)
{
	if (config_is(reader, node, JSON_BOOL, "true or false"))
		*target = json_bool(node, false);
}

int config_read_word(
    struct config_reader *reader, const struct json *node, const char *const *words)
{
	const char *text = json_string(node);
	char what[256];
	size_t len = 0;

	for (int i = 0; text && words[i]; i++)
		if (strcmp(words[i], text) == 0)
			return i;
	for (int i = 0; words[i] && len < sizeof(what); i++)
		len += (size_t)snprintf(what + len, sizeof(what) - len, "%s\"%s\"",
		    i == 0         ? ""
		    : words[i + 1] ? ", "
				   : " or ",
		    words[i]);
	config_must_be(reader, node, what);
	return -1;
}

/* Those of the elements that are good; named: the same, for the search for duplicates. */
static void read_elements(struct config_reader *reader, const struct json *node,
    void (*element)(struct config_reader *reader, const struct json *node, char **target),
    char **list, struct config_named *named)
{
	size_t len = 0;

	for (size_t i = 0; i < json_len(node); i++) {
		element(reader, json_at(node, i), &list[len]);
		if (list[len]) {
			named[len] = (struct config_named){list[len], json_start(json_at(node, i))};
			len++;
		}
	}
	config_find_duplicates(&reader->problems, named, len, json_name(node));
}

void config_read_list(struct config_reader *reader, const struct json *node,
    void (*element)(struct config_reader *reader, const struct json *node, char **target),
    char ***target)
{
	struct config_named *named;

	if (!config_is(reader, node, JSON_ARRAY, "a list"))
		return;
	*target = calloc(json_len(node) + 1, sizeof(**target));
	named = calloc(json_len(node) + 1, sizeof(*named));
	if (*target && named)
		read_elements(reader, node, element, *target, named);
	else
		reader->problems.code = -ENOMEM;
	free(named);
}

void config_list_free(char **list)
{
	for (size_t i = 0; list && list[i]; i++)
		free(list[i]);
	free(list);
}

#include "config_rules.h"

#include <errno.h>

#include "config_settings.h"

static void read_name(struct config_reader *reader, const struct json *value, void *target)
{
	struct rule *rule = target;

	config_read_text(reader, value, &rule->name);
}

static void read_glob(struct config_reader *reader, const struct json *value, struct glob **target)
{
	const char *text = json_string(value);
	struct err e = {};
	int r;

	if (!config_is(reader, value, JSON_STRING, "a string"))
		return;
	if (!text) {
		config_must_be(reader, value, "free of control characters");
		return;
	}
	r = glob_compile(text, target, &e);
	if (r == -ENOMEM)
		reader->problems.code = r;
	else if (r < 0)
		config_problem(
		    &reader->problems, json_start(value), "%s: %s", json_name(value), e.text);
}

static void read_match(struct config_reader *reader, const struct json *value, void *target)
{
	struct rule *rule = target;

	read_glob(reader, value, &rule->match);
}

static void read_registry(struct config_reader *reader, const struct json *value, void *target)
{
	struct rule *rule = target;

	read_glob(reader, value, &rule->registry);
}

static void read_action(struct config_reader *reader, const struct json *value, void *target)
{
	static const char *const words[] = {
	    [RULE_CREATE] = "create", [RULE_DENY] = "deny", [RULE_WAIT] = "wait", NULL};
	struct rule *rule = target;
	int word = config_read_word(reader, value, words);

	if (word >= 0)
		rule->action = (enum rule_action)word;
}

static void read_reason(struct config_reader *reader, const struct json *value, void *target)
{
	struct rule *rule = target;

	config_read_text(reader, value, &rule->reason);
}

static void read_settings(struct config_reader *reader, const struct json *value, void *target)
{
	struct rule *rule = target;

	config_read_settings(reader, value, &rule->settings);
}

static void read_rule(struct config_reader *reader, const struct json *node, struct rule *rule)
{
	static const struct config_key keys[] = {
	    {"name", read_name},
	    {"match", read_match},
	    {"registry", read_registry},
	    {"action", read_action},
	    {"reason", read_reason},
	    {"settings", read_settings},
	};

	config_read_object(reader, node, keys, sizeof(keys) / sizeof(*keys), rule);
	if (json_kind(node) == JSON_OBJECT && !json_get(node, "match"))
		config_problem(&reader->problems, json_start(node),
		    "a rule without match; for every name: \"match\": \"**\"");
}

void config_read_rules(struct config_reader *reader, const struct json *node, void *target)
{
	struct rules *rules = target;

	if (!config_is(reader, node, JSON_ARRAY, "a list"))
		return;
	config_find_duplicate_values(&reader->problems, node, "name", "rule name");
	rules->items = calloc(json_len(node) + 1, sizeof(*rules->items));
	if (!rules->items) {
		reader->problems.code = -ENOMEM;
		return;
	}
	rules->len = json_len(node);
	for (size_t i = 0; i < rules->len; i++)
		read_rule(reader, json_at(node, i), &rules->items[i]);
}

#include "rules.h"

void rule_finish(struct rule *rule)
{
	free(rule->name);
	glob_free(rule->match);
	glob_free(rule->registry);
	free(rule->reason);
	repository_settings_finish(&rule->settings);
	*rule = (struct rule){};
}

void rules_finish(struct rules *rules)
{
	repository_settings_finish(&rules->defaults);
	for (size_t i = 0; i < rules->len; i++)
		rule_finish(&rules->items[i]);
	free(rules->items);
	*rules = (struct rules){};
}

const struct rule *rules_find(
    const struct rules *rules, const char *registry_host, const char *repository)
{
	for (size_t i = 0; i < rules->len; i++) {
		const struct rule *rule = &rules->items[i];

		if (glob_match(rule->match, repository) &&
		    (!rule->registry || glob_match(rule->registry, registry_host)))
			return rule;
	}
	return NULL;
}

int rule_describe(const struct rule *rule, struct str *ret)
{
	if (!rule)
		return str_append_text(ret, "no rule");
	if (rule->name)
		return str_append_text(ret, rule->name);
	return str_appendf(ret, "\"%s\"", glob_pattern(rule->match));
}

const char *rule_action_name(const struct rule *rule)
{
	static const char *const names[] = {
	    [RULE_CREATE] = "create", [RULE_DENY] = "deny", [RULE_WAIT] = "wait"};

	return names[rule ? rule->action : RULE_CREATE];
}

bool rules_want_template(const struct rules *rules, const struct rule *rule)
{
	enum said said = rule ? rule->settings.from_template : UNSAID;

	return (said != UNSAID ? said : rules->defaults.from_template) == SAID_YES;
}

int rules_settings(const struct rules *rules, const struct rule *rule,
    const struct repository_settings *template_, struct repository_settings *ret)
{
	const struct repository_settings *layers[] = {
	    &rules->defaults, template_, rule ? &rule->settings : NULL};
	_cleanup_(repository_settings_finish) struct repository_settings merged = {};
	int r = repository_settings_built_in(&merged);

	for (size_t i = 0; i < sizeof(layers) / sizeof(*layers) && r == 0; i++)
		if (layers[i])
			r = repository_settings_merge(&merged, layers[i]);
	if (r < 0)
		return r;
	*ret = merged;
	merged = (struct repository_settings){};
	return 0;
}

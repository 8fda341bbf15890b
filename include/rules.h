#pragma once
/*
 * The team's rules: what happens to a repository that does not exist. First match wins; what no
 * rule matches is created with the defaults. Pure.
 */
#include "glob.h"
#include "registry.h"
#include "repository_settings.h"

enum rule_action { RULE_CREATE, RULE_DENY, RULE_WAIT };

struct rule {
	char *name; /* NULL: it has none */
	struct glob *match;
	struct glob *registry; /* NULL: any */
	enum rule_action action;
	char *reason; /* or NULL */
	struct repository_settings settings;
};

/* Zeroed: none, every name is created with the built-in settings. All is owned. */
struct rules {
	struct repository_settings defaults;
	struct rule *items;
	size_t len;
};

/* Frees what it owns and zeroes it. */
void rule_finish(struct rule *rule);
void rules_finish(struct rules *rules);

/* The first rule that matches, or NULL: then it is created with the defaults. */
const struct rule *rules_find(
    const struct rules *rules, const char *registry_host, const char *repository);

/* Appends how a message or a log names it: its name, else its match in quotes, "no rule" for NULL.
   0 or −ENOMEM. */
int rule_describe(const struct rule *rule, struct str *ret);

/* As the configuration writes it: "create", "deny", "wait"; NULL is created. Static. */
const char *rule_action_name(const struct rule *rule);

/* Does the name's rule (or NULL), or else the defaults, ask for ECR's own template? */
bool rules_want_template(const struct rules *rules, const struct rule *rule);

/*
 * built-in < defaults < template (NULL: none) < the rule's own; variables are not filled in yet.
 * *ret is to be finished. 0 or −ENOMEM.
 */
int rules_settings(const struct rules *rules, const struct rule *rule,
    const struct repository_settings *template_, struct repository_settings *ret);

#include "plan.h"

#include <errno.h>
#include <string.h>

#include "ecr_host.h"
#include "json.h"
#include "repository_name.h"
#include "route.h"

void plan_finish(struct plan *plan)
{
	free(plan->registry);
	free(plan->repository);
	free(plan->request);
	repository_settings_finish(&plan->settings);
	*plan = (struct plan){};
}

static bool is_listed(const struct config *config, const char *host)
{
	for (size_t i = 0; i < config->registries_len; i++)
		if (strcmp(config->registries[i].host, host) == 0)
			return true;
	return false;
}

/* Without any in the configuration every registry may be the one that the daemon finds by itself.
 */
static int check_host(const struct config *config, const char *host, struct err *e)
{
	struct ecr_host parsed;

	if (is_listed(config, host))
		return 0;
	if (config->registries_len > 0 && !config->allow_any_registry)
		return err_set(e, -EINVAL,
		    "%s is no registry of this daemon: list it in \"registries\" or give "
		    "--registry",
		    host);
	if (ecr_host_parse(host, &parsed) < 0)
		return err_set(e, -EINVAL,
		    "%s is no ECR registry: they look like "
		    "123456789012.dkr.ecr.eu-west-1.amazonaws.com",
		    host);
	return 0;
}

static int split_target(
    const struct config *config, const char *target, struct plan *plan, struct err *e)
{
	size_t len = strcspn(target, "/");
	bool named = route_is_host(target, len);

	if (!named && config->registries_len == 0)
		return err_set(e, -EINVAL,
		    "the default registry is not known without a call: write REGISTRY/%s, give "
		    "--registry or list one in \"registries\"",
		    target);
	plan->registry = named ? str_copy(target, len) : strdup(config->registries[0].host);
	if (named)
		target += target[len] ? len + 1 : len;
	plan->repository = strdup(target);
	if (!plan->registry || !plan->repository)
		return -ENOMEM;
	return named ? check_host(config, plan->registry, e) : 0;
}

static int write_request(struct plan *plan, const struct variables *pusher, struct err *e)
{
	struct variables variables = *pusher;
	_cleanup_str_ struct str request = {};
	struct ecr_host host;
	int r;

	if (ecr_host_parse(plan->registry, &host) < 0)
		return err_set(e, -EINVAL, "%s is no ECR registry", plan->registry);
	variables.repository = plan->repository;
	variables.account = host.account;
	variables.region = host.region;
	r = rules_settings(plan->rules, plan->rule, NULL, &plan->settings);
	if (r == 0)
		r = repository_settings_expand(&plan->settings, &variables);
	if (r == 0)
		r = repository_settings_check_tags(&plan->settings, e);
	if (r == 0)
		r = repository_settings_write_request(
		    &plan->settings, host.account, plan->repository, &request);
	if (r == 0)
		plan->request = TAKE_PTR(request.data);
	return r;
}

int plan_make(const struct config *config, const char *target, const struct variables *variables,
    struct plan *ret, struct err *e)
{
	_cleanup_(plan_finish) struct plan plan = {.rules = &config->rules};
	int r = split_target(config, target, &plan, e);

	if (r < 0)
		return r;
	if (!repository_name_is_valid(plan.repository))
		return err_set(e, -EINVAL, "'%s' " REPOSITORY_NAME_REFUSED, plan.repository);
	plan.rule = rules_find(plan.rules, plan.registry, plan.repository);
	if (!plan.rule || plan.rule->action == RULE_CREATE) {
		r = write_request(&plan, variables, e);
		if (r < 0)
			return r;
	}
	*ret = plan;
	plan = (struct plan){};
	return 0;
}

/* What a request leaves open: ECR's own template is read when the push comes. */
static bool is_from_template(const struct plan *plan)
{
	return plan->request && rules_want_template(plan->rules, plan->rule);
}

/* As wide as the longest, and a space. */
#define LABEL "%-18s "

static int write_line(struct str *out, const char *label, const char *text)
{
	return text ? str_appendf(out, LABEL "%s\n", label, text) : 0;
}

static int write_passed(const struct plan *plan, const struct rule *rule, struct str *out)
{
	bool by_name = !glob_match(rule->match, plan->repository);
	_cleanup_str_ struct str who = {};
	int r = rule_describe(rule, &who);

	return r < 0 ? r
		     : str_appendf(out, LABEL "%s: its %s \"%s\" does not match %s\n", "not",
			   who.data, by_name ? "match" : "registry",
			   glob_pattern(by_name ? rule->match : rule->registry),
			   by_name ? plan->repository : plan->registry);
}

static int write_rule(const struct plan *plan, struct str *out)
{
	const struct rule *rule = plan->rule;
	_cleanup_str_ struct str who = {};
	int r = rule_describe(rule, &who);

	for (size_t i = 0; r == 0 && i < plan->rules->len && &plan->rules->items[i] != rule; i++)
		r = write_passed(plan, &plan->rules->items[i], out);
	if (r < 0)
		return r;
	if (!rule)
		return write_line(out, "rule", "none matches: the defaults count");
	return str_appendf(out, LABEL "%s: its match \"%s\" matches %s\n", "rule", who.data,
	    glob_pattern(rule->match), plan->repository);
}

int plan_write_text(const struct plan *plan, struct str *ret)
{
	const struct {
		const char *label, *text;
	} lines[] = {
	    {"action", rule_action_name(plan->rule)},
	    {"reason", plan->rule ? plan->rule->reason : NULL},
	    {"from", is_from_template(plan)
			 ? "ecr-template, read when the push comes: what the rule "
			   "leaves open may change"
			 : NULL},
	    {"request", plan->request ? plan->request : "none"},
	    {"lifecycle policy", plan->settings.lifecycle_policy},
	    {"repository policy", plan->settings.repository_policy},
	};
	int r = write_line(ret, "registry", plan->registry);

	if (r == 0)
		r = write_line(ret, "repository", plan->repository);
	if (r == 0)
		r = write_rule(plan, ret);
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines) && r == 0; i++)
		r = write_line(ret, lines[i].label, lines[i].text);
	return r;
}

int plan_write_json(const struct plan *plan, struct str *ret)
{
	const struct rule *rule = plan->rule;
	const char *rule_name = rule && !rule->name ? glob_pattern(rule->match)
				: rule              ? rule->name
						    : NULL;
	const struct {
		const char *before, *value;
		bool is_json;
	} members[] = {
	    {"{\"registry\":", plan->registry, false},
	    {",\"repository\":", plan->repository, false},
	    {",\"rule\":", rule_name, false},
	    {",\"action\":", rule_action_name(rule), false},
	    {",\"reason\":", rule ? rule->reason : NULL, false},
	    {",\"request\":", plan->request, true},
	    {",\"lifecycle_policy\":", plan->settings.lifecycle_policy, true},
	    {",\"repository_policy\":", plan->settings.repository_policy, true},
	};
	int r = 0;

	for (size_t i = 0; i < sizeof(members) / sizeof(*members) && r == 0; i++) {
		const char *value = members[i].value;

		r = str_append_text(ret, members[i].before);
		if (r == 0)
			r = value && !members[i].is_json
				? json_write_string(ret, value)
				: str_append_text(ret, value ? value : "null");
	}
	if (r == 0 && is_from_template(plan))
		r = str_append_text(ret, ",\"from\":\"ecr-template\"");
	return r < 0 ? r : str_append_text(ret, "}\n");
}

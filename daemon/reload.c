#include "reload.h"

#include <string.h>

#include "configuration.h"

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_list(char *const *a, char *const *b)
{
	if (!a || !b)
		return a == b;
	while (*a && *b)
		if (strcmp(*a++, *b++) != 0)
			return false;
	return !*a && !*b;
}

/* Sockets and folders stay what they were at start. */
static void name_restarts(const struct config *old, const struct config *new)
{
	if (!same_list(old->listen, new->listen))
		log_warn("SIGHUP: \"listen\" has changed: that needs a restart");
	if (!same_text(old->admin, new->admin))
		log_warn("SIGHUP: \"admin\" has changed: that needs a restart");
	if (!same_text(old->state_dir, new->state_dir))
		log_warn("SIGHUP: \"state_dir\" has changed: that needs a restart");
}

static void log_problems(const struct str *problems)
{
	const char *line = str_text(problems);

	while (*line) {
		size_t len = strcspn(line, "\n");

		log_error("SIGHUP: %.*s", (int)len, line);
		line += len + (line[len] == '\n');
	}
	log_error("SIGHUP: the configuration is not taken, the one before stays in force");
}

static void take(struct service *service, struct config *config, const char *path)
{
	_cleanup_(serving_unrefp) struct serving *old = serving_current(service->serving);
	_cleanup_(serving_unrefp) struct serving *new = NULL;
	struct err e = {};

	name_restarts(old->config, config);
	if (service_put_in_force(service, config, &e) != EXIT_CODE_DONE) {
		log_error("SIGHUP: %s; the configuration before stays in force",
		    e.text[0] ? e.text : "out of memory");
		return;
	}
	new = serving_current(service->serving);
	log_setup(new->config->log_level, new->config->log_format);
	if (path)
		log_info("SIGHUP: %s is in force: %zu registries, %zu rules", path,
		    new->registries.len, new->config->rules.len);
	else
		log_info(
		    "SIGHUP: there is no configuration file; refused names may be tried again");
}

void reload(struct service *service)
{
	_cleanup_(freep) char *path = NULL;
	_cleanup_str_ struct str problems = {};
	struct config *config;

	if (configuration_load(service->options, &config, &path, &problems) != EXIT_CODE_DONE)
		log_problems(&problems);
	else
		take(service, config, path);
	refusals_forget(service->refusals);
	pending_retry(service->pending);
}

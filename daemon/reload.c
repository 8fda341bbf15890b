#include "reload.h"

#include <string.h>

#include "configuration.h"

static bool same_list(char *const *a, char *const *b)
{
	if (!a || !b)
		return a == b;
	while (*a && *b)
		if (strcmp(*a++, *b++) != 0)
			return false;
	return !*a && !*b;
}

/* Sockets and folders stay what they were at start, however often a file is taken since. */
static void name_restarts(const struct config *first, const struct config *new)
{
	if (!same_list(first->listen, new->listen))
		log_warn("SIGHUP: \"listen\" has changed: that needs a restart");
	if (!str_same(first->admin, new->admin))
		log_warn("SIGHUP: \"admin\" has changed: that needs a restart");
	if (!str_same(first->state_dir, new->state_dir))
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

static void announce(struct service *service, const char *path)
{
	_cleanup_(serving_unrefp) struct serving *new = serving_current(service->serving);

	if (path)
		log_info("SIGHUP: %s is in force: %zu registries, %zu rules", path,
		    new->registries.len, new->config->rules.len);
	else
		log_info(
		    "SIGHUP: there is no configuration file; refused names may be tried again");
}

/* Takes over config. */
static bool take(struct service *service, struct config *config, struct err *e)
{
	enum log_level level = config->log_level;
	enum log_format format = config->log_format;

	name_restarts(service->first->config, config);
	if (service_put_in_force(service, config, e) != EXIT_CODE_DONE)
		return false;
	log_setup(level, format);
	return true;
}

void reload(struct service *service)
{
	_cleanup_(freep) char *path = NULL;
	_cleanup_str_ struct str problems = {};
	struct options options = *service->options;
	struct config *config;
	struct err e = {};
	bool loaded, taken;

	/* A file that is gone takes no rules with it, nor brings in another one's. */
	if (service->config_path)
		options.config = service->config_path;
	loaded = configuration_load(&options, &config, &path, &problems) == EXIT_CODE_DONE;
	taken = loaded && take(service, config, &e);
	/* Before a word is said of it: whoever waits for that may push at once. */
	refusals_forget(service->refusals);
	pending_retry(service->pending);
	if (taken)
		announce(service, path);
	else if (loaded)
		log_error("SIGHUP: %s; the configuration before stays in force",
		    e.text[0] ? e.text : "out of memory");
	else
		log_problems(&problems);
}

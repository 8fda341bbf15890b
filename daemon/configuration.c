#include "configuration.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "config_path.h"
#include "config_reader.h"
#include "listener.h"

/* The option's text, when there is one, takes the place of the file's. */
static int take_text(const char *option, char **member)
{
	char *copy = NULL;
	int r = str_dup(option, &copy);

	if (copy) {
		free(*member);
		*member = copy;
	}
	return r;
}

static int take_listen(const struct options *options, struct config *config)
{
	size_t len = 0;
	char **list;

	while (options->listen[len])
		len++;
	if (len == 0)
		return 0;
	list = calloc(len + 1, sizeof(*list));
	if (!list)
		return -ENOMEM;
	config_list_free(config->listen);
	config->listen = list;
	for (size_t i = 0; i < len; i++) {
		list[i] = strdup(options->listen[i]);
		if (!list[i])
			return -ENOMEM;
	}
	return 0;
}

/* A registry of the command line that the file has too keeps what the file says of it. */
static int take_registry(const struct options *options, const char *host,
    const struct config *of_file, struct config_registry *ret)
{
	const struct config_registry *same = NULL;
	int r;

	for (size_t i = 0; i < of_file->registries_len; i++)
		if (strcmp(of_file->registries[i].host, host) == 0)
			same = &of_file->registries[i];
	r = take_text(host, &ret->host);
	if (r == 0 && same)
		r = take_text(same->profile, &ret->profile);
	if (r == 0 && same)
		r = take_text(same->role_arn, &ret->role_arn);
	if (r == 0 && same)
		r = take_text(same->external_id, &ret->external_id);
	if (r == 0 && same)
		r = take_text(same->endpoint, &ret->endpoint);
	return r < 0 ? r : take_text(options->registry_endpoint, &ret->endpoint);
}

static int take_registries(const struct options *options, struct config *config)
{
	struct config_registry *list;
	size_t len = 0;
	int r = 0;

	while (options->registries[len])
		len++;
	if (len == 0)
		return 0;
	list = calloc(len, sizeof(*list));
	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < len && r == 0; i++)
		r = take_registry(options, options->registries[i], config, &list[i]);
	config_registries_free(config->registries, config->registries_len);
	config->registries = list;
	config->registries_len = len;
	return r;
}

static int take_options(const struct options *options, struct config *config)
{
	int r;

	r = take_listen(options, config);
	if (r == 0)
		r = take_registries(options, config);
	if (r == 0)
		r = take_text(options->admin, &config->admin);
	if (r == 0)
		r = take_text(options->state_dir, &config->state_dir);
	if (options->unsafe_listen)
		config->unsafe_listen = true;
	/* options_parse() has checked both. */
	if (options->log_level)
		log_level_parse(options->log_level, &config->log_level);
	if (options->log_format)
		log_format_parse(options->log_format, &config->log_format);
	return r;
}

enum exit_code configuration_load(
    const struct options *options, struct config **ret, char **ret_path, struct str *problems)
{
	_cleanup_(config_freep) struct config *config = NULL;
	_cleanup_(freep) char *path = NULL;
	/* The other commands do not listen, and have no option for it. */
	bool unsafe_listen = options->unsafe_listen || options->command != COMMAND_SERVE;
	int r;

	r = config_path(options->config, &path);
	if (r == 0)
		r = path ? config_load(path, unsafe_listen, &config, problems)
			 : config_default(&config);
	if (r == 0)
		r = take_options(options, config);
	if (r == -ENOMEM) {
		str_append_text(problems, "out of memory\n");
		return EXIT_CODE_FAILED;
	}
	if (r < 0)
		return EXIT_CODE_CONFIG;
	*ret = TAKE_PTR(config);
	*ret_path = TAKE_PTR(path);
	return EXIT_CODE_DONE;
}

const char *configuration_admin(const struct config *config)
{
	if (!config->admin)
		return DEFAULT_ADMIN;
	return strcmp(config->admin, "off") == 0 ? NULL : config->admin;
}

enum exit_code configuration_find_admin(const struct options *options, char **ret)
{
	_cleanup_(config_freep) struct config *config = NULL;
	_cleanup_(freep) char *path = NULL;
	_cleanup_str_ struct str problems = {};
	enum exit_code code;
	const char *admin;

	/* A daemon goes on with what it has when its file is broken: --admin alone leads to it. */
	if (!options->admin) {
		code = configuration_load(options, &config, &path, &problems);
		if (code != EXIT_CODE_DONE) {
			fputs(str_text(&problems), stderr);
			return code;
		}
		admin = configuration_admin(config);
	} else {
		admin = strcmp(options->admin, "off") == 0 ? NULL : options->admin;
	}
	if (!admin || !listener_is_address(admin)) {
		fprintf(stderr,
		    "ecr-upsertd: %s is not the ADDR:PORT of an admin listener: give --admin\n",
		    admin ? admin : "\"off\"");
		return EXIT_CODE_USAGE;
	}
	*ret = strdup(admin);
	return *ret ? EXIT_CODE_DONE : EXIT_CODE_FAILED;
}

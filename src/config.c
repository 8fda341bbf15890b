#include "config.h"

#include <errno.h>
#include <string.h>

#include "config_reader.h"
#include "config_root.h"
#include "file.h"

int config_default(struct config **ret)
{
	struct config *config = calloc(1, sizeof(*config));

	if (!config)
		return -ENOMEM;
	config->max_per_hour = CREATE_PER_HOUR;
	config->timeout_s = CREATE_TIMEOUT_S;
	config->log_level = LOG_LEVEL_INFO;
	config->log_format = LOG_FORMAT_TEXT;
	*ret = config;
	return 0;
}

void config_registries_free(struct config_registry *registries, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		free(registries[i].host);
		free(registries[i].profile);
		free(registries[i].role_arn);
		free(registries[i].external_id);
		free(registries[i].endpoint);
	}
	free(registries);
}

void config_free(struct config *config)
{
	if (!config)
		return;
	config_registries_free(config->registries, config->registries_len);
	config_list_free(config->listen);
	free(config->admin);
	config_list_free(config->allow_users);
	config_list_free(config->hosts);
	rules_finish(&config->rules);
	free(config->state_dir);
	free(config);
}

/* One problem alone: nothing behind it could be read. */
static int fail(struct str *problems, int code, const char *name, const char *where_and_why)
{
	return str_appendf(problems, "%s:%s\n", name, where_and_why) < 0 ? -ENOMEM : code;
}

struct source {
	const char *name, *folder;
	bool unsafe_listen; /* whatever stands in it */
};

static int read_root(const struct source *source, const char *text, const struct json *root,
    struct config *config, struct str *problems)
{
	struct config_reader reader = {
	    .folder = source->folder,
	    .unsafe_listen =
		source->unsafe_listen || json_bool(json_get(root, "unsafe_listen"), false),
	};
	int r;

	config_find_duplicate_keys(&reader.problems, root);
	config_read_root(&reader, root, config);
	r = config_problems_write(&reader.problems, source->name, text, problems);
	if (r == 0 && reader.problems.len > 0)
		r = -EINVAL;
	config_problems_finish(&reader.problems);
	return r;
}

static int parse(const struct source *source, const char *text, size_t len, struct config **ret,
    struct str *problems)
{
	_cleanup_(config_freep) struct config *config = NULL;
	_cleanup_(json_freep) struct json *root = NULL;
	struct err e = {};
	int r;

	if (len == 0)
		return fail(
		    problems, -EINVAL, source->name, "1:1: the file is empty; {} says nothing");
	if (len > CONFIG_FILE_MAX)
		return fail(problems, -EINVAL, source->name, "1:1: the file is larger than 1 MiB");
	r = json_parse_commented(text, len, &root, &e);
	if (r == -EBADMSG)
		return fail(problems, -EINVAL, source->name, e.text);
	if (r == 0)
		r = config_default(&config);
	if (r == 0)
		r = read_root(source, text, root, config, problems);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(config);
	return 0;
}

int config_parse(const char *name, const char *folder, const char *text, size_t len,
    struct config **ret, struct str *problems)
{
	const struct source source = {.name = name, .folder = folder};

	return parse(&source, text, len, ret, problems);
}

/* "/etc/x.conf" → "/etc", "x.conf" → "." */
static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? str_copy(path, (size_t)(slash - path) + (slash == path)) : strdup(".");
}

int config_load(const char *path, bool unsafe_listen, struct config **ret, struct str *problems)
{
	_cleanup_(freep) char *folder = folder_of(path);
	const struct source source = {path, folder, unsafe_listen};
	_cleanup_str_ struct str text = {};
	_cleanup_str_ struct str why = {};
	int r;

	if (!folder)
		return -ENOMEM;
	r = file_read(path, CONFIG_FILE_MAX, &text);
	if (r == -EMSGSIZE)
		return fail(problems, -EINVAL, path, "1:1: the file is larger than 1 MiB");
	if (r == -ENOMEM)
		return r;
	if (r == -ENODEV)
		return fail(problems, -EINVAL, path, "1:1: this is no regular file");
	if (r < 0)
		return str_appendf(&why, " cannot be read: %s",
			   r == -EISDIR ? "it is a folder" : strerror(-r)) < 0
			   ? -ENOMEM
			   : fail(problems, r, path, str_text(&why));
	return parse(&source, str_text(&text), text.len, ret, problems);
}

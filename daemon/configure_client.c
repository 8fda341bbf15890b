#include "configure_client.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "client_config.h"
#include "configuration.h"
#include "file.h"
#include "write_file.h"

/* Settings that people write are a few kilobytes; what is longer is none. */
enum { CLIENT_FILE_MAX = 1024 * 1024 };

/* What stands there now; nothing is an empty text. */
static int read_existing(const struct client_file *file, struct str *ret, struct err *e)
{
	const char *path = str_text(&file->path);
	int r;

	r = file_read(path, CLIENT_FILE_MAX, ret);
	if (r < 0 && r != -ENOENT)
		return err_set(e, r, "%s cannot be read: %s", path, strerror(-r));
	if (strlen(str_text(ret)) != ret->len)
		return err_set(e, -EBADMSG, "%s is no text: move it away", path);
	return 0;
}

/* *ret_copy stays NULL where nothing of others stands there. */
static int keep_copy(
    const struct client_file *file, const char *existing, char **ret_copy, struct err *e)
{
	int r;

	if (!client_file_has_others(file, existing))
		return 0;
	r = write_file_keep(str_text(&file->path), ret_copy, e);
	return r == -ENOENT ? 0 : r;
}

static int put(const struct client_file *file, struct err *e)
{
	const char *path = str_text(&file->path);
	_cleanup_str_ struct str existing = {}, wanted = {};
	_cleanup_(freep) char *copy = NULL;
	int r;

	r = read_existing(file, &existing, e);
	if (r == 0)
		r = client_file_merge(file, str_text(&existing), &wanted, e);
	if (r < 0)
		return r;
	if (existing.len == wanted.len && memcmp(existing.data, wanted.data, wanted.len) == 0) {
		printf("unchanged %s\n", path);
		return 0;
	}
	r = keep_copy(file, str_text(&existing), &copy, e);
	if (r < 0)
		return r;
	r = write_file(path, wanted.data, wanted.len, e);
	if (r < 0 && copy)
		unlink(copy);
	if (r == 0 && copy)
		printf("replaced %s; what was there is now %s\n", path, copy);
	else if (r == 0)
		printf("wrote %s\n", path);
	return r;
}

static enum exit_code fail(enum exit_code code, const struct err *e)
{
	fflush(stdout);
	fprintf(stderr, "ecr-upsertd: %s\n", e->text[0] ? e->text : "out of memory");
	return code;
}

static enum exit_code answer(const struct client_config *config, bool write)
{
	_cleanup_str_ struct str text = {};
	struct err e = {};

	for (size_t i = 0; write && i < config->files_len; i++)
		if (put(&config->files[i], &e) < 0)
			return fail(EXIT_CODE_FAILED, &e);
	if (write && config->files_len == 0)
		puts("no file has to be written");
	if (client_config_write(config, !write, &text) < 0)
		return fail(EXIT_CODE_FAILED, &e);
	printf("%s%s", write ? "\n" : "", str_text(&text));
	return EXIT_CODE_DONE;
}

static void hosts_freep(const char ***hosts)
{
	free(*hosts);
}

/* NULL-terminated; borrows the hosts. */
static const char **hosts_of(const struct config *config)
{
	const char **hosts = calloc(config->registries_len + 1, sizeof(*hosts));

	for (size_t i = 0; hosts && i < config->registries_len; i++)
		hosts[i] = config->registries[i].host;
	return hosts;
}

int configure_client_make(const struct client *client, const struct config *of_daemon,
    struct client_config *ret, struct err *e)
{
	_cleanup_(hosts_freep) const char **hosts = hosts_of(of_daemon);
	const struct client_question question = {
	    .listen = of_daemon->listen ? of_daemon->listen[0] : DEFAULT_LISTEN_IPV4,
	    .registries = hosts,
	    .root = geteuid() == 0,
	    .home = getenv("HOME"),
	    .config_home = getenv("XDG_CONFIG_HOME"),
	};

	if (!hosts)
		return err_set(e, -ENOMEM, "out of memory");
	if (!question.root && !question.home)
		return err_set(e, -ENOENT, "client-config: HOME is not set");
	return client_config_make(client, &question, ret, e);
}

static enum exit_code configure(
    const struct client *client, const struct config *of_daemon, bool write)
{
	_cleanup_(client_config_finish) struct client_config config = {};
	struct err e = {};
	int r;

	r = configure_client_make(client, of_daemon, &config, &e);
	if (r < 0)
		return fail(r == -EINVAL ? EXIT_CODE_USAGE : EXIT_CODE_FAILED, &e);
	return answer(&config, write);
}

enum exit_code configure_client(const struct options *options)
{
	const struct client *client = client_find(options->argument);
	_cleanup_(config_freep) struct config *config = NULL;
	_cleanup_(freep) char *path = NULL;
	_cleanup_str_ struct str problems = {};
	enum exit_code code;
	struct err e = {};

	if (!client) {
		err_set(&e, 0, "client-config: %s is none of %s", options->argument, client_names);
		return fail(EXIT_CODE_USAGE, &e);
	}
	code = configuration_load(options, &config, &path, &problems);
	if (code != EXIT_CODE_DONE) {
		fputs(str_text(&problems), stderr);
		return code;
	}
	return configure(client, config, options->write);
}

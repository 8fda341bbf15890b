#include "client_config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "client_words.h"
#include "ecr_host.h"
#include "listener.h"
#include "text_block.h"

static void file_finish(struct client_file *file)
{
	str_finish(&file->path);
	str_finish(&file->text);
	str_finish(&file->table);
}

void client_config_finish(struct client_config *config)
{
	for (size_t i = 0; i < config->files_len; i++)
		file_finish(&config->files[i]);
	free(config->files);
	str_finish(&config->about);
	str_finish(&config->push);
	*config = (struct client_config){};
}

static int add_file(
    const struct client *client, const struct client_words *words, struct client_config *config)
{
	_cleanup_str_ struct str body = {};
	struct client_file *file, *files;
	int r;

	files = reallocarray(config->files, config->files_len + 1, sizeof(*files));
	if (!files)
		return -ENOMEM;
	config->files = files;
	file = &files[config->files_len++];
	*file = (struct client_file){.shared = client->table != NULL};
	r = client_words_fill(words, client->path, &file->path);
	if (r == 0 && client->table)
		r = client_words_fill(words, client->table, &file->table);
	if (r == 0)
		r = client_words_fill(words, client->text, &body);
	return r < 0 ? r : text_block_write(str_text(&body), &file->text);
}

static int add_push(const char *push, struct client_words *words, const char *name, struct str *ret)
{
	int r;

	words->image = name;
	r = client_words_fill(words, push, ret);
	return r < 0 ? r : str_append_text(ret, "\n");
}

/* The default registry, by its short name. */
static int add_default(
    const struct client *client, struct client_words *words, struct client_config *config)
{
	_cleanup_str_ struct str name = {};
	int r;

	r = str_appendf(&name, "%s/%s", str_text(&words->local), client->image);
	return r < 0 ? r : add_push(client->push, words, str_text(&name), &config->push);
}

static int add_registry(
    const struct client *client, struct client_words *words, struct client_config *config)
{
	_cleanup_str_ struct str local = {}, unchanged = {};
	int r;

	r = str_appendf(
	    &local, "%s/%s/%s", str_text(&words->local), words->registry, client->image);
	if (r == 0)
		r = str_appendf(&unchanged, "%s/%s", words->registry, client->image);
	if (r == 0)
		r = add_push(client->push, words, str_text(&local), &config->push);
	if (r == 0 && client->push_unchanged)
		r = add_push(client->push_unchanged, words, str_text(&unchanged), &config->push);
	if (r == 0 && client->path && strstr(client->path, "{registry}"))
		r = add_file(client, words, config);
	return r;
}

static const char rootless[] =
    "These are the folders of a rootless {client}; for the system's own run this as root.\n"
    "A rootless daemon may have a network of its own, without this machine's loopback:\n"
    "RootlessKit's --detach-netns leaves it in yours.\n";
static const char no_registry[] =
    "No registry is known here: for its own name give --registry HOST, or list it in the\n"
    "configuration.\n";

static int say(const struct client *client, const struct client_question *question,
    const struct client_words *words, struct str *ret)
{
	int r;

	r = client_words_fill(words, client->about, ret);
	if (r == 0 && !words->loopback && client->beyond)
		r = client_words_fill(words, client->beyond, ret);
	if (r == 0 && client->engine && !question->root)
		r = client_words_fill(words, rootless, ret);
	if (r == 0 && client->push_unchanged && !question->registries[0])
		r = str_append_text(ret, no_registry);
	return r;
}

static int check(const struct client_question *question, struct err *e)
{
	const char *port = strrchr(question->listen, ':');
	struct ecr_host host;

	if (!listener_is_address(question->listen) || strspn(port, ":0") == strlen(port))
		return err_set(e, -EINVAL, "%s is not the ADDR:PORT of a daemon", question->listen);
	for (size_t i = 0; question->registries[i]; i++)
		if (ecr_host_parse(question->registries[i], &host) < 0)
			return err_set(e, -EINVAL, "%s is not the host of an ECR registry",
			    question->registries[i]);
	return 0;
}

static int make(const struct client *client, const struct client_question *question,
    struct client_words *words, struct client_config *config)
{
	int r;

	r = say(client, question, words, &config->about);
	if (r == 0 && client->path && !strstr(client->path, "{registry}"))
		r = add_file(client, words, config);
	if (r == 0)
		r = add_default(client, words, config);
	for (size_t i = 0; r == 0 && question->registries[i]; i++) {
		words->registry = question->registries[i];
		r = add_registry(client, words, config);
	}
	return r;
}

int client_config_make(const struct client *client, const struct client_question *question,
    struct client_config *ret, struct err *e)
{
	_cleanup_(client_words_finish) struct client_words words = {.client = client->name};
	_cleanup_(client_config_finish) struct client_config config = {};
	int r;

	r = check(question, e);
	if (r < 0)
		return r;
	r = client_words_daemon(&words, question->listen);
	if (r == 0)
		r = client_words_folders(
		    &words, question->root, question->home, question->config_home);
	if (r == 0)
		r = make(client, question, &words, &config);
	if (r < 0)
		return err_set(e, r, "out of memory");
	*ret = config;
	config = (struct client_config){};
	return 0;
}

int client_config_write(const struct client_config *config, bool files, struct str *ret)
{
	int r = str_append_text(ret, str_text(&config->about));

	for (size_t i = 0; r == 0 && files && i < config->files_len; i++)
		r = str_appendf(ret, "\n==> %s <==\n%s", str_text(&config->files[i].path),
		    str_text(&config->files[i].text));
	return r < 0 ? r : str_appendf(ret, "\n==> push <==\n%s", str_text(&config->push));
}

/* [registry."localhost:5100"], with or without blanks; TOML refuses a table that comes twice. */
static bool has_table(const char *text, const char *table)
{
	size_t len = strlen(table);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += strspn(line, "\n\t ");
		if (*line != '[')
			continue;
		line += 1 + strspn(line + 1, " \t");
		if (strncmp(line, table, len) == 0 && line[len + strspn(line + len, " \t")] == ']')
			return true;
	}
	return false;
}

int client_file_merge(
    const struct client_file *file, const char *existing, struct str *ret, struct err *e)
{
	const char *path = str_text(&file->path);
	int r;

	if (!file->shared)
		return str_append_text(ret, str_text(&file->text));
	if (!text_block_is_in(existing) && has_table(existing, str_text(&file->table)))
		return err_set(e, -EEXIST,
		    "%s has a [%s] that is not ours: add to it what client-config prints, or "
		    "remove it",
		    path, str_text(&file->table));
	r = text_block_merge(existing, str_text(&file->text), ret);
	if (r == -EBADMSG)
		return err_set(
		    e, r, "%s: a block of ours begins in it and does not end: remove it", path);
	return r;
}

bool client_file_has_others(const struct client_file *file, const char *existing)
{
	return file->shared ? !text_block_is_in(existing) : !text_block_is_all(existing);
}

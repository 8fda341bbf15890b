#include "docker_host.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "digest.h"
#include "file.h"
#include "json.h"

/* What docker itself writes there is a few kilobytes. */
enum { DOCKER_FILE_MAX = 1024 * 1024 };
#define DOCKER_SOCKET "unix:///var/run/docker.sock"

static bool is_set(const char *value)
{
	return value && *value;
}

/* *ret stays NULL when it cannot be read. 0 or −ENOMEM. */
static int read_json(const char *folder, const char *name, struct json **ret)
{
	_cleanup_str_ struct str path = {}, text = {};
	int r = str_appendf(&path, "%s/%s", folder, name);

	if (r < 0)
		return r;
	r = file_read(str_text(&path), DOCKER_FILE_MAX, &text);
	if (r == 0)
		r = json_parse(str_text(&text), text.len, ret, NULL);
	return r == -ENOMEM ? r : 0;
}

/* "" is the default one, which has no file. Appends; 0 or −ENOMEM. */
static int find_context(
    const char *(*getenv)(const char *name), const char *folder, struct str *ret)
{
	_cleanup_(json_freep) struct json *config = NULL;
	const char *context = getenv("DOCKER_CONTEXT");
	int r = 0;

	if (!is_set(context)) {
		r = read_json(folder, "config.json", &config);
		context = json_string(json_get(config, "currentContext"));
	}
	if (r < 0 || !is_set(context) || strcmp(context, "default") == 0)
		return r;
	return str_append_text(ret, context);
}

/* contexts/meta/SHA-256 of the name/meta.json */
static int read_context(const char *folder, const char *context, char **ret)
{
	_cleanup_(json_freep) struct json *meta = NULL;
	_cleanup_str_ struct str name = {};
	char hex[SHA256_HEX_SIZE];
	const char *host;
	int r;

	if (sha256_hex(context, strlen(context), hex) < 0)
		return 0;
	r = str_appendf(&name, "contexts/meta/%s/meta.json", hex);
	if (r == 0)
		r = read_json(folder, str_text(&name), &meta);
	if (r < 0)
		return r;
	host = json_string(json_get(json_get(json_get(meta, "Endpoints"), "docker"), "Host"));
	return is_set(host) ? str_dup(host, ret) : 0;
}

static int of_context(const char *(*getenv)(const char *name), const char *home, char **ret)
{
	const char *config = getenv("DOCKER_CONFIG");
	_cleanup_str_ struct str folder = {}, context = {};
	int r;

	if (is_set(config))
		r = str_append_text(&folder, config);
	else if (is_set(home))
		r = str_appendf(&folder, "%s/.docker", home);
	else
		return 0;
	if (r == 0)
		r = find_context(getenv, str_text(&folder), &context);
	if (r == 0 && context.len > 0)
		r = read_context(str_text(&folder), str_text(&context), ret);
	return r;
}

int docker_host_find(const char *(*getenv)(const char *name), const char *home, char **ret)
{
	_cleanup_(freep) char *found = NULL;
	const char *host = getenv("DOCKER_HOST");
	int r;

	if (is_set(host))
		return str_dup(host, ret);
	r = of_context(getenv, home, &found);
	if (r == 0 && !found)
		r = str_dup(DOCKER_SOCKET, &found);
	if (r == 0)
		*ret = TAKE_PTR(found);
	return r;
}

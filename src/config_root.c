#include "config_root.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base_url.h"
#include "config_registries.h"
#include "config_rules.h"
#include "config_settings.h"
#include "listener.h"

static void read_address(struct config_reader *reader, const struct json *value, char **target)
{
	const char *text = config_text(reader, value);
	struct err e = {};
	int r;

	if (!text)
		return;
	r = listener_check(text, reader->unsafe_listen, &e);
	if (r == -ENOMEM)
		reader->problems.code = r;
	else if (r < 0)
		config_problem(&reader->problems, json_start(value), "%s", e.text);
	else if (strtoul(strrchr(text, ':') + 1, NULL, 10) == 0)
		config_problem(
		    &reader->problems, json_start(value), "%s has no port from 1 to 65535", text);
	else
		config_copy(reader, text, target);
}

static void read_listen(struct config_reader *reader, const struct json *value, void *target)
{
	struct config *config = target;

	config_read_list(reader, value, read_address, &config->listen);
	if (json_kind(value) != JSON_ARRAY)
		return;
	if (json_len(value) < 1 || json_len(value) > CONFIG_LISTEN_MAX)
		config_must_be(reader, value, "a list of 1 to 32 addresses");
}

static void read_admin(struct config_reader *reader, const struct json *value, void *target)
{
	struct config *config = target;
	const char *text = json_string(value);

	if (text && strcmp(text, "off") == 0)
		config_copy(reader, text, &config->admin);
	else if (config_is(reader, value, JSON_STRING, "\"ADDR:PORT\" or \"off\""))
		read_address(reader, value, &config->admin);
}

static void read_allow_any_registry(
    struct config_reader *reader, const struct json *value, void *target)
{
	struct config *config = target;

	config_read_bool(reader, value, &config->allow_any_registry);
}

static void read_user(struct config_reader *reader, const struct json *value, char **target)
{
	_cleanup_str_ struct str text = {};
	unsigned uid;

	if (json_kind(value) == JSON_STRING) {
		config_read_text(reader, value, target);
	} else if (json_kind(value) != JSON_NUMBER) {
		config_must_be(reader, value, "the name or the number of a user");
	} else if (config_read_unsigned(reader, value, 0, UINT_MAX - 1, &uid)) {
		if (str_appendf(&text, "%u", uid) == 0)
			config_copy(reader, str_text(&text), target);
		else
			reader->problems.code = -ENOMEM;
	}
}

static void read_allow_users(struct config_reader *reader, const struct json *value, void *target)
{
	struct config *config = target;

	config_read_list(reader, value, read_user, &config->allow_users);
	if (json_kind(value) == JSON_ARRAY && json_len(value) == 0)
		config_must_be(reader, value,
		    "a list of at least one user; leave it out to let all of them connect");
}

/* What a client may write into Host. */
static void read_client_host(struct config_reader *reader, const struct json *value, char **target)
{
	const char *text = config_text(reader, value);
	_cleanup_str_ struct str url = {};
	struct base_url parsed;

	if (!text)
		return;
	if (str_appendf(&url, "http://%s", text) < 0)
		reader->problems.code = -ENOMEM;
	else if (strchr(text, '/') || base_url_parse(str_text(&url), &parsed) < 0)
		config_problem(&reader->problems, json_start(value),
		    "\"%s\" is no value of a Host header; write it as registry.local:5100",
		    config_shown(text).text);
	else
		config_copy(reader, text, target);
}

static void read_hosts(struct config_reader *reader, const struct json *value, void *target)
{
	struct config *config = target;

	config_read_list(reader, value, read_client_host, &config->hosts);
}

static void read_max_per_hour(struct config_reader *reader, const struct json *value, void *target)
{
	struct config *config = target;

	config_read_unsigned(reader, value, 1, UINT_MAX, &config->max_per_hour);
}

static void read_timeout_s(struct config_reader *reader, const struct json *value, void *target)
{
	struct config *config = target;

	config_read_unsigned(reader, value, 1, CREATE_TIMEOUT_S, &config->timeout_s);
}

static void read_on_access_denied(
    struct config_reader *reader, const struct json *value, void *target)
{
	static const char *const words[] = {"fail", "wait", NULL};
	struct config *config = target;

	config->wait_when_denied = config_read_word(reader, value, words) == 1;
}

static void read_create(struct config_reader *reader, const struct json *value, void *target)
{
	static const struct config_key keys[] = {
	    {"max_per_hour", read_max_per_hour},
	    {"timeout_s", read_timeout_s},
	    {"on_access_denied", read_on_access_denied},
	};

	config_read_object(reader, value, keys, sizeof(keys) / sizeof(*keys), target);
}

static void read_defaults(struct config_reader *reader, const struct json *value, void *target)
{
	struct config *config = target;

	config_read_settings(reader, value, &config->rules.defaults);
}

static void read_rules(struct config_reader *reader, const struct json *value, void *target)
{
	struct config *config = target;

	config_read_rules(reader, value, &config->rules);
}

static void read_level(struct config_reader *reader, const struct json *value, void *target)
{
	static const char *const words[] = {[LOG_LEVEL_DEBUG] = "debug",
	    [LOG_LEVEL_INFO] = "info",
	    [LOG_LEVEL_WARN] = "warn",
	    [LOG_LEVEL_ERROR] = "error",
	    NULL};
	struct config *config = target;
	int word = config_read_word(reader, value, words);

	if (word >= 0)
		config->log_level = (enum log_level)word;
}

static void read_format(struct config_reader *reader, const struct json *value, void *target)
{
	static const char *const words[] = {
	    [LOG_FORMAT_TEXT] = "text", [LOG_FORMAT_JSON] = "json", NULL};
	struct config *config = target;
	int word = config_read_word(reader, value, words);

	if (word >= 0)
		config->log_format = (enum log_format)word;
}

static void read_log(struct config_reader *reader, const struct json *value, void *target)
{
	static const struct config_key keys[] = {
	    {"level", read_level},
	    {"format", read_format},
	};

	config_read_object(reader, value, keys, sizeof(keys) / sizeof(*keys), target);
}

static void read_state_dir(struct config_reader *reader, const struct json *value, void *target)
{
	struct config *config = target;

	config_read_text(reader, value, &config->state_dir);
}

static void read_unsafe_listen(struct config_reader *reader, const struct json *value, void *target)
{
	struct config *config = target;

	config_read_bool(reader, value, &config->unsafe_listen);
}

void config_read_root(struct config_reader *reader, const struct json *root, struct config *config)
{
	static const struct config_key keys[] = {
	    {"listen", read_listen},
	    {"admin", read_admin},
	    {"registries", config_read_registries},
	    {"allow_any_registry", read_allow_any_registry},
	    {"allow_users", read_allow_users},
	    {"hosts", read_hosts},
	    {"create", read_create},
	    {"defaults", read_defaults},
	    {"rules", read_rules},
	    {"log", read_log},
	    {"state_dir", read_state_dir},
	    {"unsafe_listen", read_unsafe_listen},
	};

	config_read_object(reader, root, keys, sizeof(keys) / sizeof(*keys), config);
}

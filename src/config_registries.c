#include "config_registries.h"

#include <errno.h>

#include "arn.h"
#include "base_url.h"
#include "ecr_host.h"

static void read_host(struct config_reader *reader, const struct json *value, void *target)
{
	struct config_registry *registry = target;
	const char *text = config_text(reader, value);
	struct ecr_host host;

	if (!text)
		return;
	if (ecr_host_parse(text, &host) == 0)
		config_copy(reader, text, &registry->host);
	else
		config_problem(&reader->problems, json_start(value),
		    "\"%s\" is no host of an ECR registry, as "
		    "123456789012.dkr.ecr.eu-west-1.amazonaws.com is",
		    config_shown(text).text);
}

static void read_profile(struct config_reader *reader, const struct json *value, void *target)
{
	struct config_registry *registry = target;

	config_read_text(reader, value, &registry->profile);
}

static void read_role_arn(struct config_reader *reader, const struct json *value, void *target)
{
	struct config_registry *registry = target;
	const char *text = config_text(reader, value);

	if (!text)
		return;
	if (arn_is_role(text))
		config_copy(reader, text, &registry->role_arn);
	else
		config_must_be(
		    reader, value, "the ARN of a role, as arn:aws:iam::123456789012:role/NAME");
}

static void read_external_id(struct config_reader *reader, const struct json *value, void *target)
{
	struct config_registry *registry = target;

	config_read_text(reader, value, &registry->external_id);
}

static void read_endpoint(struct config_reader *reader, const struct json *value, void *target)
{
	struct config_registry *registry = target;
	const char *text = config_text(reader, value);
	struct base_url url;

	if (!text)
		return;
	if (base_url_parse(text, &url) == 0)
		config_copy(reader, text, &registry->endpoint);
	else
		config_must_be(reader, value, "http://ADDR:PORT or https://ADDR:PORT");
}

static void read_registry(
    struct config_reader *reader, const struct json *node, struct config_registry *registry)
{
	static const struct config_key keys[] = {
	    {"host", read_host},
	    {"profile", read_profile},
	    {"role_arn", read_role_arn},
	    {"external_id", read_external_id},
	    {"endpoint", read_endpoint},
	};

	config_read_object(reader, node, keys, sizeof(keys) / sizeof(*keys), registry);
	if (json_kind(node) == JSON_OBJECT && !json_get(node, "host"))
		config_problem(&reader->problems, json_start(node), "a registry without host");
}

void config_read_registries(struct config_reader *reader, const struct json *node, void *target)
{
	struct config *config = target;

	if (!config_is(reader, node, JSON_ARRAY, "a list"))
		return;
	config_find_duplicate_values(&reader->problems, node, "host", "registry host");
	config->registries = calloc(json_len(node) + 1, sizeof(*config->registries));
	if (!config->registries) {
		reader->problems.code = -ENOMEM;
		return;
	}
	config->registries_len = json_len(node);
	for (size_t i = 0; i < config->registries_len; i++)
		read_registry(reader, json_at(node, i), &config->registries[i]);
}

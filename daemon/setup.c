#include "setup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "ecr_host.h"
#include "limits.h"
#include "sts_api.h"

static const char *environment(const char *name)
{
	return getenv(name);
}

enum exit_code setup_init(struct setup *ret, const struct options *options, struct err *e)
{
	_cleanup_(credentials_unrefp) struct credentials *credentials = NULL;
	int r;

	ret->sources = (struct credential_sources){.getenv = environment,
	    .home = getenv("HOME"),
	    .fetcher = &ret->fetcher,
	    .now_s = clock_wall_s};
	if (stop_init(&ret->stop) < 0) {
		err_set(e, 0, "cannot start: no descriptor for an eventfd");
		return EXIT_CODE_FAILED;
	}
	if (aws_settings_read(&ret->sources, &ret->settings, e) < 0 ||
	    tls_new(ret->settings.ca_bundle, &ret->tls, e) < 0)
		return EXIT_CODE_REGISTRY;
	ret->fetcher = (struct fetcher){.tls = ret->tls, .stop = &ret->stop};
	r = credential_chain_new(&ret->sources, &ret->chain);
	if (r == 0)
		r = aws_api_new(ret->chain, &ret->fetcher, &ret->api);
	if (r < 0) {
		err_set(e, r, "cannot start: out of memory");
		return EXIT_CODE_FAILED;
	}
	if (credential_chain_get(ret->chain, &credentials, e) < 0)
		return EXIT_CODE_CREDENTIALS;
	return EXIT_CODE_DONE;
}

static enum exit_code find_own_registry(
    struct setup *setup, char ret_host[static ECR_API_HOST_MAX], struct err *e)
{
	_cleanup_(freep) char *url = NULL;
	char account[AWS_ACCOUNT_SIZE];
	const char *region = setup->settings.region;

	if (!region) {
		err_set(e, 0,
		    "which registry? give --registry, or a region by AWS_REGION or aws configure");
		return EXIT_CODE_REGISTRY;
	}
	if (!ecr_region_partition(region)) {
		err_set(e, 0, "the AWS region %s is not known", region);
		return EXIT_CODE_REGISTRY;
	}
	if (aws_settings_sts_url(&setup->settings, region, &url, e) < 0)
		return EXIT_CODE_REGISTRY;
	if (sts_get_caller_account(
		setup->api, url, region, clock_mono_ms() + LIMIT_API_CALL_MS, account, e) < 0)
		return EXIT_CODE_AWS;
	if (ecr_host_format(account, region, ret_host) < 0) {
		err_set(e, 0, "the AWS region %s is not known", region);
		return EXIT_CODE_REGISTRY;
	}
	return EXIT_CODE_DONE;
}

static enum exit_code add_registry(
    struct setup *setup, const char *host, const char *dial_url, struct err *e)
{
	struct registries *list = &setup->registries;
	_cleanup_(registry_freep) struct registry *registry = NULL;
	struct registry **items;

	if (registry_new(host, dial_url, &setup->settings, &registry, e) < 0)
		return EXIT_CODE_REGISTRY;
	registry->api = setup->api;
	if (registries_find(list, host, strlen(host))) {
		err_set(e, 0, "--registry: %s is given twice", host);
		return EXIT_CODE_USAGE;
	}
	items = reallocarray(list->items, list->len + 1, sizeof(*items));
	if (!items) {
		err_set(e, 0, "cannot start: out of memory");
		return EXIT_CODE_FAILED;
	}
	list->items = items;
	list->items[list->len++] = TAKE_PTR(registry);
	return EXIT_CODE_DONE;
}

enum exit_code setup_registries(struct setup *setup, const struct options *options, struct err *e)
{
	char own[ECR_API_HOST_MAX];
	enum exit_code code = EXIT_CODE_DONE;

	if (!options->registries[0]) {
		code = find_own_registry(setup, own, e);
		return code == EXIT_CODE_DONE ? add_registry(setup, own, NULL, e) : code;
	}
	for (size_t i = 0; code == EXIT_CODE_DONE && options->registries[i]; i++)
		code = add_registry(setup, options->registries[i], options->registry_endpoint, e);
	return code;
}

void setup_finish(struct setup *setup)
{
	for (size_t i = 0; i < setup->registries.len; i++)
		registry_free(setup->registries.items[i]);
	registries_finish(&setup->registries);
	aws_api_free(setup->api);
	credential_chain_free(setup->chain);
	tls_free(setup->tls);
	aws_settings_finish(&setup->settings);
	stop_finish(&setup->stop);
}

#include "setup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "aws_api.h"
#include "clock.h"
#include "ecr_host.h"
#include "environment.h"
#include "limits.h"
#include "log.h"
#include "sts_api.h"

enum exit_code setup_init(struct setup *ret, struct err *e)
{
	int r;

	ret->sources = (struct credential_sources){
	    .getenv = environment,
	    .home = getenv("HOME"),
	    .fetcher = &ret->fetcher,
	    .now_s = clock_wall_s,
	};
	if (stop_init(&ret->stop) < 0) {
		err_set(e, 0, "cannot start: no descriptor is left");
		return EXIT_CODE_FAILED;
	}
	if (aws_settings_read(&ret->sources, &ret->settings, e) < 0 ||
	    tls_new(ret->settings.ca_bundle, &ret->tls, e) < 0)
		return EXIT_CODE_REGISTRY;
	ret->fetcher = (struct fetcher){.tls = ret->tls, .stop = &ret->stop};
	r = identities_new(&ret->sources, &ret->identities);
	if (r == 0)
		r = registry_book_new(&ret->settings, ret->identities, &ret->book);
	if (r < 0) {
		err_set(e, r, "cannot start: out of memory");
		return EXIT_CODE_FAILED;
	}
	return EXIT_CODE_DONE;
}

static enum exit_code ask_own_host(struct setup *setup, const char *region, struct err *e)
{
	const struct identity_choice own = {.region = region};
	_cleanup_(freep) char *url = NULL;
	char account[AWS_ACCOUNT_SIZE], host[ECR_API_HOST_MAX];
	struct aws_api *api;
	int r;

	if (aws_settings_sts_url(&setup->settings, region, &url, e) < 0)
		return EXIT_CODE_REGISTRY;
	if (identities_get(setup->identities, &own, &api) < 0)
		return EXIT_CODE_FAILED;
	r = sts_get_caller_account(
	    api, url, region, clock_mono_ms() + LIMIT_API_CALL_MS, account, e);
	if (r < 0)
		return r == -ENOENT ? EXIT_CODE_CREDENTIALS : EXIT_CODE_AWS;
	if (ecr_host_format(account, region, host) < 0) {
		err_set(e, 0, "the AWS region %s is not known", region);
		return EXIT_CODE_REGISTRY;
	}
	setup->own_host = strdup(host);
	return setup->own_host ? EXIT_CODE_DONE : EXIT_CODE_FAILED;
}

static enum exit_code find_own_host(struct setup *setup, struct err *e)
{
	const char *region = setup->settings.region;

	if (setup->own_host)
		return EXIT_CODE_DONE;
	if (!region) {
		err_set(e, 0,
		    "which registry? list one in the configuration or by --registry, "
		    "or set a region: AWS_REGION, aws configure");
		return EXIT_CODE_REGISTRY;
	}
	if (!ecr_region_partition(region)) {
		err_set(e, 0, "the AWS region %s is not known", region);
		return EXIT_CODE_REGISTRY;
	}
	return ask_own_host(setup, region, e);
}

static int add_registry(struct setup *setup, const struct registry_choice *choice,
    struct registries *list, struct err *e)
{
	int r;

	r = registry_book_get(setup->book, choice, &list->items[list->len], e);
	list->len += r == 0;
	return r;
}

static int add_configured(
    struct setup *setup, const struct config *config, struct registries *list, struct err *e)
{
	int r = 0;

	for (size_t i = 0; i < config->registries_len && r == 0; i++) {
		const struct config_registry *of = &config->registries[i];
		const struct registry_choice choice = {
		    of->host, of->endpoint, of->profile, of->role_arn, of->external_id};

		r = add_registry(setup, &choice, list, e);
	}
	return r;
}

enum exit_code setup_registries(
    struct setup *setup, const struct config *config, struct registries *ret, struct err *e)
{
	_cleanup_(registries_finish) struct registries list = {};
	enum exit_code code;
	int r;

	if (config->registries_len == 0) {
		code = find_own_host(setup, e);
		if (code != EXIT_CODE_DONE)
			return code;
	}
	list.items = calloc(config->registries_len + 1, sizeof(*list.items));
	if (!list.items)
		return EXIT_CODE_FAILED;
	if (config->allow_any_registry) {
		list.other = registry_book_other;
		list.userdata = setup->book;
	}
	if (config->registries_len > 0)
		r = add_configured(setup, config, &list, e);
	else
		r = add_registry(
		    setup, &(const struct registry_choice){.host = setup->own_host}, &list, e);
	if (r < 0)
		return r == -ENOMEM ? EXIT_CODE_FAILED : EXIT_CODE_REGISTRY;
	*ret = list;
	list = (struct registries){};
	return EXIT_CODE_DONE;
}

enum exit_code setup_check_identity(const struct registry *registry, struct err *e)
{
	_cleanup_(credentials_unrefp) struct credentials *credentials = NULL;
	int r;

	r = credential_chain_get(aws_api_chain(registry->api), &credentials, e);
	if (r == -ECANCELED || (r < 0 && !credential_failure_passes(r)))
		return EXIT_CODE_CREDENTIALS;
	if (r < 0)
		log_warn("started without credentials for %s: %s", registry->host, e->text);
	return EXIT_CODE_DONE;
}

void setup_finish(struct setup *setup)
{
	registry_book_free(setup->book);
	identities_free(setup->identities);
	tls_free(setup->tls);
	aws_settings_finish(&setup->settings);
	stop_finish(&setup->stop);
	free(setup->own_host);
}

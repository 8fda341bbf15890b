#include "aws_settings.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base_url.h"
#include "ecr_host.h"
#include "profile.h"
#include "str.h"

/* Where a setting stands: in the environment, else in the profile. */
struct place {
	const char *variables[2]; /* the second may be NULL */
	const char *key;
};

struct reader {
	const struct credential_sources *sources;
	struct profile profile;
	struct err *e;
};

/* NULL when it is nowhere; *ret_name is how the person who wrote it calls it. */
static const char *find(const struct reader *reader, struct place place, const char **ret_name)
{
	const char *value;

	for (size_t i = 0; i < 2 && place.variables[i]; i++) {
		*ret_name = place.variables[i];
		value = credential_variable(reader->sources, place.variables[i]);
		if (value)
			return value;
	}
	*ret_name = place.key;
	return profile_get(&reader->profile, place.key);
}

static int read_text(struct reader *reader, struct place place, char **ret)
{
	const char *name, *value = find(reader, place, &name);

	return str_dup(value, ret);
}

static int read_bool(struct reader *reader, struct place place, bool *ret)
{
	const char *name, *value = find(reader, place, &name);

	if (!value || !strcasecmp(value, "false"))
		*ret = false;
	else if (!strcasecmp(value, "true"))
		*ret = true;
	else
		return err_set(
		    reader->e, -EINVAL, "%s is \"%s\": set it to true or false", name, value);
	return 0;
}

static int read_url(struct reader *reader, struct place place, char **ret)
{
	const char *name, *value = find(reader, place, &name);
	struct base_url url;
	_cleanup_str_ struct str text = {};
	int r;

	if (!value)
		return 0;
	/* The value is not shown: a URL may hold a password. */
	if (base_url_parse(value, &url) < 0)
		return err_set(reader->e, -EINVAL,
		    "%s is no URL of the form http(s)://HOST[:PORT]: correct it", name);
	r = base_url_write(&url, &text);
	return r < 0 ? r : str_dup(text.data, ret);
}

static int read_urls(struct reader *reader, struct aws_settings *settings)
{
	const struct {
		struct place place;
		char **url;
	} urls[] = {
	    {{{"AWS_ENDPOINT_URL_ECR"}, "services.ecr.endpoint_url"}, &settings->ecr_url},
	    {{{"AWS_ENDPOINT_URL_STS"}, "services.sts.endpoint_url"}, &settings->sts_url},
	    {{{"AWS_ENDPOINT_URL_SSO"}, "services.sso.endpoint_url"}, &settings->sso_url},
	    {{{"AWS_ENDPOINT_URL_SSO_OIDC"}, "services.sso_oidc.endpoint_url"},
		&settings->sso_oidc_url},
	    {{{"AWS_ENDPOINT_URL"}, "endpoint_url"}, &settings->endpoint_url},
	};
	bool ignored;
	int r;

	r = read_bool(reader,
	    (struct place){
		{"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"}, "ignore_configured_endpoint_urls"},
	    &ignored);
	if (r < 0 || ignored)
		return r;
	for (size_t i = 0; i < sizeof(urls) / sizeof(*urls) && r >= 0; i++)
		r = read_url(reader, urls[i].place, urls[i].url);
	return r;
}

static int read_all(struct reader *reader, struct aws_settings *settings)
{
	int r;

	r = read_text(reader, (struct place){{"AWS_REGION", "AWS_DEFAULT_REGION"}, "region"},
	    &settings->region);
	if (r >= 0)
		r = read_text(
		    reader, (struct place){{"AWS_CA_BUNDLE"}, "ca_bundle"}, &settings->ca_bundle);
	if (r >= 0)
		r = read_bool(reader,
		    (struct place){{"AWS_USE_FIPS_ENDPOINT"}, "use_fips_endpoint"},
		    &settings->fips);
	if (r >= 0)
		r = read_bool(reader,
		    (struct place){{"AWS_USE_DUALSTACK_ENDPOINT"}, "use_dualstack_endpoint"},
		    &settings->dual_stack);
	return r < 0 ? r : read_urls(reader, settings);
}

int aws_settings_read(
    const struct credential_sources *sources, struct aws_settings *ret, struct err *e)
{
	struct reader reader = {.sources = sources, .e = e};
	_cleanup_(aws_settings_finish) struct aws_settings settings = {};
	int r;

	r = profile_load(sources, &reader.profile, e);
	if (r < 0)
		return r;
	r = read_all(&reader, &settings);
	profile_finish(&reader.profile);
	if (r < 0)
		return r;
	*ret = settings;
	settings = (struct aws_settings){};
	return 0;
}

void aws_settings_finish(struct aws_settings *settings)
{
	free(settings->region);
	free(settings->ca_bundle);
	free(settings->ecr_url);
	free(settings->sts_url);
	free(settings->sso_url);
	free(settings->sso_oidc_url);
	free(settings->endpoint_url);
	*settings = (struct aws_settings){};
}

/* What differs between the services. */
struct service {
	const char *variable;
	const char *own_url;
	int (*host)(
	    const char *region, bool fips, bool dual_stack, char ret[static ECR_API_HOST_MAX]);
};

static int service_url(const struct aws_settings *settings, const struct service *service,
    const char *region, char **ret, struct err *e)
{
	char host[ECR_API_HOST_MAX], url[ECR_API_HOST_MAX + 8];

	if (service->own_url)
		return str_dup(service->own_url, ret);
	if (settings->endpoint_url && (settings->fips || settings->dual_stack))
		return err_set(e, -EINVAL,
		    "AWS_ENDPOINT_URL contradicts %s: unset one of them, or set %s",
		    settings->fips ? "AWS_USE_FIPS_ENDPOINT" : "AWS_USE_DUALSTACK_ENDPOINT",
		    service->variable);
	if (settings->endpoint_url)
		return str_dup(settings->endpoint_url, ret);
	if (service->host(region, settings->fips, settings->dual_stack, host) < 0)
		return err_set(e, -EINVAL,
		    "\"%s\" is no AWS region that this daemon knows: correct it, or set %s", region,
		    service->variable);
	snprintf(url, sizeof(url), "https://%s", host);
	return str_dup(url, ret);
}

int aws_settings_ecr_url(
    const struct aws_settings *settings, const char *region, char **ret, struct err *e)
{
	const struct service ecr = {"AWS_ENDPOINT_URL_ECR", settings->ecr_url, ecr_api_host};

	return service_url(settings, &ecr, region, ret, e);
}

int aws_settings_sts_url(
    const struct aws_settings *settings, const char *region, char **ret, struct err *e)
{
	const struct service sts = {"AWS_ENDPOINT_URL_STS", settings->sts_url, sts_api_host};

	return service_url(settings, &sts, region, ret, e);
}

int aws_settings_sso_url(
    const struct aws_settings *settings, const char *region, char **ret, struct err *e)
{
	const struct service sso = {"AWS_ENDPOINT_URL_SSO", settings->sso_url, sso_api_host};

	return service_url(settings, &sso, region, ret, e);
}

int aws_settings_sso_oidc_url(
    const struct aws_settings *settings, const char *region, char **ret, struct err *e)
{
	const struct service oidc = {
	    "AWS_ENDPOINT_URL_SSO_OIDC", settings->sso_oidc_url, sso_oidc_api_host};

	return service_url(settings, &oidc, region, ret, e);
}

static int set_dial(const char *host, const char *dial_url, struct endpoint *ret, struct err *e)
{
	struct base_url url = {.tls = true, .port = 443};

	if (dial_url && base_url_parse(dial_url, &url) < 0)
		return err_set(e, -EINVAL,
		    "\"%s\" is no endpoint of the form http(s)://ADDR:PORT: correct it", dial_url);
	*ret = (struct endpoint){
	    .tls = url.tls, .host = strdup(dial_url ? url.host : host), .port = url.port};
	return ret->host ? 0 : -ENOMEM;
}

int registry_new(const char *host, const char *dial_url, const struct aws_settings *settings,
    struct registry **ret, struct err *e)
{
	_cleanup_(registry_freep) struct registry *registry = NULL;
	struct aws_settings of_host = *settings;
	struct ecr_host parsed;
	int r;

	if (ecr_host_parse(host, &parsed) < 0)
		return err_set(e, -EINVAL,
		    "\"%s\" is no ECR registry of the form "
		    "123456789012.dkr.ecr.REGION.amazonaws.com: correct it",
		    host);
	/* A name of FIPS or dual-stack form asks for an API of that form; an own endpoint wins. */
	of_host.fips |= parsed.fips && !settings->endpoint_url;
	of_host.dual_stack |= parsed.dual_stack && !settings->endpoint_url;
	registry = calloc(1, sizeof(*registry));
	if (!registry)
		return -ENOMEM;
	registry->host = strdup(host);
	registry->account = strdup(parsed.account);
	registry->region = strdup(parsed.region);
	if (!registry->host || !registry->account || !registry->region)
		return -ENOMEM;
	r = set_dial(host, dial_url, &registry->dial, e);
	if (r >= 0)
		r = aws_settings_ecr_url(&of_host, parsed.region, &registry->ecr_url, e);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(registry);
	return 0;
}

#pragma once
/*
 * AWS settings other than keys, from where every AWS tool takes them: the environment, then the
 * profile. Source: "Settings reference", AWS SDKs and Tools reference guide.
 */
#include <stdbool.h>

#include "credentials.h"
#include "registry.h"

/* Each NULL when there is none. */
struct aws_settings {
	char *region;    /* AWS_REGION, AWS_DEFAULT_REGION, region */
	char *ca_bundle; /* AWS_CA_BUNDLE, ca_bundle */
	/*
	 * Base URLs; all are ignored with AWS_IGNORE_CONFIGURED_ENDPOINT_URLS or
	 * ignore_configured_endpoint_urls.
	 */
	char *ecr_url;      /* AWS_ENDPOINT_URL_ECR, the services section's */
	char *sts_url;      /* AWS_ENDPOINT_URL_STS, the services section's */
	char *sso_url;      /* AWS_ENDPOINT_URL_SSO, the services section's */
	char *sso_oidc_url; /* AWS_ENDPOINT_URL_SSO_OIDC, the services section's */
	char *endpoint_url; /* of any service: AWS_ENDPOINT_URL, endpoint_url */
	bool fips;          /* AWS_USE_FIPS_ENDPOINT, use_fips_endpoint */
	bool dual_stack;    /* AWS_USE_DUALSTACK_ENDPOINT, use_dualstack_endpoint */
};

/* −EINVAL for a setting that is none of its kind, or as profile_load(), with a text. */
int aws_settings_read(
    const struct credential_sources *sources, struct aws_settings *ret, struct err *e);
void aws_settings_finish(struct aws_settings *settings);

/*
 * Base URL of ECR's API, STS, or IAM Identity Center's portal and OIDC service for a region: the
 * service's own configured one (FIPS and dual-stack or not), else the one of any service (which
 * contradicts FIPS and dual-stack: −EINVAL, as in the SDKs), else by partition; −EINVAL for a
 * region that no partition has. Free *ret.
 */
int aws_settings_ecr_url(
    const struct aws_settings *settings, const char *region, char **ret, struct err *e);
int aws_settings_sts_url(
    const struct aws_settings *settings, const char *region, char **ret, struct err *e);
int aws_settings_sso_url(
    const struct aws_settings *settings, const char *region, char **ret, struct err *e);
int aws_settings_sso_oidc_url(
    const struct aws_settings *settings, const char *region, char **ret, struct err *e);

/*
 * A registry from its host name and, when given, the URL to dial instead of it
 * (http(s)://ADDR[:PORT]). The API's URL takes the name's own form (FIPS, dual-stack) too. −EINVAL
 * with a text for what is no ECR host, no such URL, or as aws_settings_ecr_url().
 */
int registry_new(const char *host, const char *dial_url, const struct aws_settings *settings,
    struct registry **ret, struct err *e);

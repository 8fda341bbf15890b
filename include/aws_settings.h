#pragma once
/* AWS settings other than keys, from where every AWS tool takes them: environment, then profile. */
#include <stdbool.h>

#include "credentials.h"
#include "registry.h"

struct aws_settings {
	char
	    *region; /* AWS_REGION, AWS_DEFAULT_REGION, profile's region; NULL when there is none */
	char *ca_bundle; /* AWS_CA_BUNDLE, profile's ca_bundle; or NULL */
	char *ecr_url;   /* AWS_ENDPOINT_URL_ECR, AWS_ENDPOINT_URL; or NULL */
	char *sts_url;   /* AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL; or NULL */
	bool fips;       /* AWS_USE_FIPS_ENDPOINT, profile's use_fips_endpoint */
	bool dual_stack; /* AWS_USE_DUALSTACK_ENDPOINT, profile's use_dualstack_endpoint */
};

/* −EINVAL or the profile's error with a text. */
int aws_settings_read(
    const struct credential_sources *sources, struct aws_settings *ret, struct err *e);
void aws_settings_finish(struct aws_settings *settings);

/* Base URL of ECR's API or STS for a region: the configured one, else by partition; free *ret. */
int aws_settings_ecr_url(
    const struct aws_settings *settings, const char *region, char **ret, struct err *e);
int aws_settings_sts_url(
    const struct aws_settings *settings, const char *region, char **ret, struct err *e);

/*
 * A registry from its host name and, when given, the URL to dial instead of it
 * (http(s)://ADDR:PORT). −EINVAL with a text for what is no ECR host, a region that no partition
 * has, or no such URL.
 */
int registry_new(const char *host, const char *dial_url, const struct aws_settings *settings,
    struct registry **ret, struct err *e);

#pragma once
/*
 * How the instance metadata service is asked, from the environment, else the profile, by botocore's
 * names. Source: "IMDS credential provider", AWS SDKs and Tools reference guide; botocore's
 * configprovider.py.
 */
#include <stdbool.h>

#include "credentials.h"

struct imds_settings {
	bool disabled;    /* AWS_EC2_METADATA_DISABLED */
	bool v1_disabled; /* AWS_EC2_METADATA_V1_DISABLED, ec2_metadata_v1_disabled */
	/*
	 * scheme://host[:port]: AWS_EC2_METADATA_SERVICE_ENDPOINT, ec2_metadata_service_endpoint;
	 * else by AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE, ec2_metadata_service_endpoint_mode (IPv4
	 * or IPv6), AWS_IMDS_USE_IPV6, imds_use_ipv6.
	 */
	char *url;
	unsigned timeout_s; /* AWS_METADATA_SERVICE_TIMEOUT, metadata_service_timeout */
	unsigned tries;     /* AWS_METADATA_SERVICE_NUM_ATTEMPTS, metadata_service_num_attempts */
};

/* −EINVAL for a setting that is none of its kind, or as profile_load(), with a text. */
int imds_settings_read(
    const struct credential_sources *sources, struct imds_settings *ret, struct err *e);
void imds_settings_finish(struct imds_settings *settings);

#pragma once
/*
 * The names that Amazon gives to ECR registries and to the API behind them, over all partitions,
 * FIPS and dual-stack forms; a closed world, since a token goes to what matches here. Pure.
 * Source: the pattern of amazon-ecr-credential-helper and AWS's endpoint rules.
 */
#include <stdbool.h>

enum { ECR_REGION_MAX = 32, ECR_API_HOST_MAX = 128 };

struct ecr_host {
	char account[13];
	char region[ECR_REGION_MAX];
	const char *partition; /* static: "aws", "aws-cn", "aws-us-gov", … */
	bool fips;
	bool dual_stack;
};

/* 0, or −EINVAL when it is no ECR host or its region does not fit its partition. */
int ecr_host_parse(const char *host, struct ecr_host *ret);

/* Is this region one that a partition's pattern knows? NULL when not; else the partition. */
const char *ecr_region_partition(const char *region);

/* Default registry host of an account: 0 or −EINVAL for an unknown region. */
int ecr_host_format(const char *account, const char *region, char ret[static ECR_API_HOST_MAX]);

/* Host of ECR's control API (service "ecr") in that region; −EINVAL for an unknown region. */
int ecr_api_host(const char *region, bool fips, bool dual_stack, char ret[static ECR_API_HOST_MAX]);
/* The same for STS, and for the portal and the OIDC service of IAM Identity Center. */
int sts_api_host(const char *region, bool fips, bool dual_stack, char ret[static ECR_API_HOST_MAX]);
int sso_api_host(const char *region, bool fips, bool dual_stack, char ret[static ECR_API_HOST_MAX]);
int sso_oidc_api_host(
    const char *region, bool fips, bool dual_stack, char ret[static ECR_API_HOST_MAX]);

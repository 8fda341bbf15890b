#include "ecr_host.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum { ACCOUNT_LEN = 12 };

/* botocore's partitions.json and amazon-ecr-credential-helper's host pattern. */
struct partition {
	const char *name;
	const char *suffix;
	const char *dual_suffix;          /* of API hosts */
	const char *registry_dual_suffix; /* of registry hosts; NULL: has no dual-stack ones */
};

static const struct partition aws = {"aws", "amazonaws.com", "api.aws", "on.aws"};
static const struct partition aws_us_gov = {"aws-us-gov", "amazonaws.com", "api.aws", "on.aws"};
static const struct partition aws_cn = {
    "aws-cn", "amazonaws.com.cn", "api.amazonwebservices.com.cn", "on.amazonwebservices.com.cn"};
static const struct partition aws_eusc = {
    "aws-eusc", "amazonaws.eu", "api.amazonwebservices.eu", NULL};
static const struct partition aws_iso = {"aws-iso", "c2s.ic.gov", "api.aws.ic.gov", NULL};
static const struct partition aws_iso_b = {"aws-iso-b", "sc2s.sgov.gov", "api.aws.scloud", NULL};
static const struct partition aws_iso_e = {
    "aws-iso-e", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk", NULL};
static const struct partition aws_iso_f = {
    "aws-iso-f", "csp.hci.ic.gov", "api.aws.hci.ic.gov", NULL};

/* A region is one of these, letters, a hyphen and digits: no two of them take the same one. */
static const struct area {
	const char *prefix;
	const struct partition *partition;
} areas[] = {{"us-", &aws}, {"eu-", &aws}, {"ap-", &aws}, {"sa-", &aws}, {"ca-", &aws},
    {"me-", &aws}, {"af-", &aws}, {"il-", &aws}, {"mx-", &aws}, {"us-gov-", &aws_us_gov},
    {"cn-", &aws_cn}, {"eusc-de-", &aws_eusc}, {"us-iso-", &aws_iso}, {"us-isob-", &aws_iso_b},
    {"eu-isoe-", &aws_iso_e}, {"us-isof-", &aws_iso_f}};

#define LETTERS "abcdefghijklmnopqrstuvwxyz"
#define DIGITS  "0123456789"

static bool ends_like_a_region(const char *text)
{
	size_t letters = strspn(text, LETTERS), digits;

	if (letters == 0 || text[letters] != '-')
		return false;
	digits = strspn(text + letters + 1, DIGITS);
	return digits > 0 && text[letters + 1 + digits] == '\0';
}

static const struct partition *find_partition(const char *region)
{
	if (strlen(region) >= ECR_REGION_MAX)
		return NULL;
	for (size_t i = 0; i < sizeof(areas) / sizeof(*areas); i++) {
		size_t len = strlen(areas[i].prefix);

		if (strncmp(region, areas[i].prefix, len) == 0 && ends_like_a_region(region + len))
			return areas[i].partition;
	}
	return NULL;
}

const char *ecr_region_partition(const char *region)
{
	const struct partition *partition = find_partition(region);

	return partition ? partition->name : NULL;
}

/* Past ".dkr.ecr.", ".dkr-ecr-fips." and the like; NULL when the text does not begin so. */
static const char *skip_service(const char *text, bool *ret_fips)
{
	if (strncmp(text, ".dkr.ecr", 8) != 0 && strncmp(text, ".dkr-ecr", 8) != 0)
		return NULL;
	text += 8;
	*ret_fips = strncmp(text, "-fips", 5) == 0;
	if (*ret_fips)
		text += 5;
	return *text == '.' ? text + 1 : NULL;
}

static bool suffix_fits(const struct partition *partition, const char *suffix, bool *ret_dual)
{
	*ret_dual =
	    partition->registry_dual_suffix && strcmp(suffix, partition->registry_dual_suffix) == 0;
	return *ret_dual || strcmp(suffix, partition->suffix) == 0;
}

int ecr_host_parse(const char *host, struct ecr_host *ret)
{
	const struct partition *partition;
	struct ecr_host parsed = {};
	const char *region;
	size_t region_len;

	if (strspn(host, DIGITS) != ACCOUNT_LEN)
		return -EINVAL;
	region = skip_service(host + ACCOUNT_LEN, &parsed.fips);
	if (!region)
		return -EINVAL;
	region_len = strcspn(region, ".");
	if (region[region_len] == '\0' || region_len >= ECR_REGION_MAX)
		return -EINVAL;
	memcpy(parsed.account, host, ACCOUNT_LEN);
	memcpy(parsed.region, region, region_len);
	partition = find_partition(parsed.region);
	if (!partition || !suffix_fits(partition, region + region_len + 1, &parsed.dual_stack))
		return -EINVAL;
	parsed.partition = partition->name;
	*ret = parsed;
	return 0;
}

int ecr_host_format(const char *account, const char *region, char ret[static ECR_API_HOST_MAX])
{
	const struct partition *partition = find_partition(region);

	if (!partition || strlen(account) != ACCOUNT_LEN || strspn(account, DIGITS) != ACCOUNT_LEN)
		return -EINVAL;
	snprintf(ret, ECR_API_HOST_MAX, "%s.dkr.ecr.%s.%s", account, region, partition->suffix);
	return 0;
}

/* As the endpoint rules of the services have it (botocore, endpoint-rule-set-1.json). */
static int api_host(const char *service, const char *region, bool fips, bool dual_stack,
    char ret[static ECR_API_HOST_MAX])
{
	const struct partition *partition = find_partition(region);

	if (!partition)
		return -EINVAL;
	snprintf(ret, ECR_API_HOST_MAX, "%s%s.%s.%s", service, fips ? "-fips" : "", region,
	    dual_stack ? partition->dual_suffix : partition->suffix);
	return 0;
}

int ecr_api_host(const char *region, bool fips, bool dual_stack, char ret[static ECR_API_HOST_MAX])
{
	return api_host(dual_stack ? "ecr" : "api.ecr", region, fips, dual_stack, ret);
}

/* Of some services GovCloud's plain host is its FIPS one. */
static int plain_in_govcloud(const char *service, const char *region, bool fips, bool dual_stack,
    char ret[static ECR_API_HOST_MAX])
{
	bool plain = !dual_stack && find_partition(region) == &aws_us_gov;

	return api_host(service, region, fips && !plain, dual_stack, ret);
}

int sts_api_host(const char *region, bool fips, bool dual_stack, char ret[static ECR_API_HOST_MAX])
{
	return plain_in_govcloud("sts", region, fips, dual_stack, ret);
}

int sso_api_host(const char *region, bool fips, bool dual_stack, char ret[static ECR_API_HOST_MAX])
{
	return plain_in_govcloud("portal.sso", region, fips, dual_stack, ret);
}

int sso_oidc_api_host(
    const char *region, bool fips, bool dual_stack, char ret[static ECR_API_HOST_MAX])
{
	return plain_in_govcloud("oidc", region, fips, dual_stack, ret);
}

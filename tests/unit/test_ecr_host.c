#include "unit.h"

#include <errno.h>
#include <string.h>

#include "ecr_host.h"

struct known {
	const char *host;
	const char *region;
	const char *partition;
	bool fips;
	bool dual_stack;
};

START_TEST(knows_registries_of_all_partitions)
{
	static const struct known hosts[] = {
	    {"123456789012.dkr.ecr.us-east-1.amazonaws.com", "us-east-1", "aws", 0, 0},
	    {"123456789012.dkr.ecr.ap-southeast-2.amazonaws.com", "ap-southeast-2", "aws", 0, 0},
	    {"123456789012.dkr.ecr-fips.us-west-2.amazonaws.com", "us-west-2", "aws", 1, 0},
	    {"123456789012.dkr-ecr.us-west-2.on.aws", "us-west-2", "aws", 0, 1},
	    {"123456789012.dkr-ecr-fips.us-west-2.on.aws", "us-west-2", "aws", 1, 1},
	    {"123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1", "aws-us-gov",
		1, 0},
	    {"123456789012.dkr-ecr.us-gov-east-1.on.aws", "us-gov-east-1", "aws-us-gov", 0, 1},
	    {"123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", "cn-north-1", "aws-cn", 0, 0},
	    {"123456789012.dkr.ecr.cn-north-1.on.amazonwebservices.com.cn", "cn-north-1", "aws-cn",
		0, 1},
	    {"123456789012.dkr-ecr.cn-northwest-1.on.amazonwebservices.com.cn", "cn-northwest-1",
		"aws-cn", 0, 1},
	    {"123456789012.dkr.ecr.us-iso-east-1.c2s.ic.gov", "us-iso-east-1", "aws-iso", 0, 0},
	    {"123456789012.dkr.ecr.us-isob-east-1.sc2s.sgov.gov", "us-isob-east-1", "aws-iso-b", 0,
		0},
	    {"123456789012.dkr.ecr.eu-isoe-west-1.cloud.adc-e.uk", "eu-isoe-west-1", "aws-iso-e", 0,
		0},
	    {"123456789012.dkr.ecr.us-isof-east-1.csp.hci.ic.gov", "us-isof-east-1", "aws-iso-f", 0,
		0},
	    {"123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1", "aws-eusc", 0,
		0}};

	for (size_t i = 0; i < sizeof(hosts) / sizeof(*hosts); i++) {
		struct ecr_host host = {};

		ck_assert_msg(ecr_host_parse(hosts[i].host, &host) == 0, "%s", hosts[i].host);
		ck_assert_str_eq(host.account, "123456789012");
		ck_assert_str_eq(host.region, hosts[i].region);
		ck_assert_str_eq(host.partition, hosts[i].partition);
		ck_assert_msg(host.fips == hosts[i].fips, "%s", hosts[i].host);
		ck_assert_msg(host.dual_stack == hosts[i].dual_stack, "%s", hosts[i].host);
	}
}
END_TEST

START_TEST(refuses_hosts_that_only_look_like_it)
{
	static const char *const hosts[] = {"", "localhost", "not.ecr.io", "public.ecr.aws",
	    "123456789012", "123456789012.dkr.ecr", "123456789012.dkr.ecr.",
	    "123456789012.dkr.ecr.us-east-1", "123456789012.dkr.ecr.us-east-1.",
	    "123456789012.dkr.ecr.us-east-1.amazonaws.com.",
	    "123456789012.dkr.ecr.us-east-1.amazonaws.com:443",
	    "123456789012.dkr.ecr.us-east-1.amazonaws.com.fake.example.com",
	    "123456789012.dkr.ecr.us-east-1.fake.example.com",
	    "123456789012.dkr.ecr.us-east-1.amazonaws.comx",
	    "123456789012.dkr.ecr.us-east-1.amazonaws.co",
	    "123456789012.dkr.ecr.not-real.amazonaws.com",
	    "123456789012.dkr.ecr.us-east-1.on.aws.com",
	    "123456789012.dkr.ecr.cn-north-1.on.aws.com.cn",
	    "12345678901.dkr.ecr.us-east-1.amazonaws.com",
	    "1234567890123.dkr.ecr.us-east-1.amazonaws.com",
	    "12345678901a.dkr.ecr.us-east-1.amazonaws.com",
	    "x123456789012.dkr.ecr.us-east-1.amazonaws.com",
	    "123456789012.DKR.ECR.us-east-1.amazonaws.com",
	    "123456789012.dkr.ecr.US-EAST-1.amazonaws.com",
	    "123456789012.dkr_ecr.us-east-1.amazonaws.com",
	    "123456789012.dkr.ecr-fip.us-east-1.amazonaws.com",
	    "123456789012.dkr.ecrx.us-east-1.amazonaws.com",
	    "123456789012xdkr.ecr.us-east-1.amazonaws.com",
	    /* The region of another partition. */
	    "123456789012.dkr.ecr.cn-north-1.amazonaws.com",
	    "123456789012.dkr.ecr.us-east-1.amazonaws.com.cn",
	    "123456789012.dkr.ecr.us-iso-east-1.amazonaws.com",
	    "123456789012.dkr.ecr.us-east-1.c2s.ic.gov",
	    "123456789012.dkr.ecr.eusc-de-east-1.on.aws",
	    "123456789012.dkr.ecr.us-east-1.amazonaws.eu",
	    "123456789012.dkr.ecr.us-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-1.amazonaws.com",
	    "123456789012.dkr.ecr.us-aaaaaaaaaaaaaaaaaaaaaaaaaaa-1.amazonaws.com",
	    "123456789012.dkr.ecr.us-.amazonaws.com", "123456789012.dkr.ecr.us-east.amazonaws.com",
	    "123456789012.dkr.ecr.us-east-.amazonaws.com",
	    "123456789012.dkr.ecr.us-east-1a.amazonaws.com",
	    "123456789012.dkr.ecr.us-east-1/.amazonaws.com", "123456789012.dkr.ecr..amazonaws.com"};

	for (size_t i = 0; i < sizeof(hosts) / sizeof(*hosts); i++) {
		struct ecr_host host = {.partition = "untouched"};

		ck_assert_msg(ecr_host_parse(hosts[i], &host) == -EINVAL, "%s", hosts[i]);
		ck_assert_str_eq(host.partition, "untouched");
	}
}
END_TEST

START_TEST(formats_the_default_registry)
{
	char host[ECR_API_HOST_MAX] = "";

	ck_assert_int_eq(ecr_host_format("123456789012", "eu-west-1", host), 0);
	ck_assert_str_eq(host, "123456789012.dkr.ecr.eu-west-1.amazonaws.com");
	ck_assert_int_eq(ecr_host_format("123456789012", "cn-north-1", host), 0);
	ck_assert_str_eq(host, "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn");
	ck_assert_int_eq(ecr_host_format("123456789012", "mars-north-1", host), -EINVAL);
	ck_assert_int_eq(ecr_host_format("12345678901", "eu-west-1", host), -EINVAL);
	ck_assert_int_eq(ecr_host_format("12345678901x", "eu-west-1", host), -EINVAL);
}
END_TEST

START_TEST(knows_the_partition_of_a_region)
{
	ck_assert_str_eq(ecr_region_partition("mx-central-1"), "aws");
	ck_assert_str_eq(ecr_region_partition("us-gov-east-1"), "aws-us-gov");
	ck_assert_str_eq(ecr_region_partition("eu-isoe-west-1"), "aws-iso-e");
	ck_assert_ptr_null(ecr_region_partition("moon-east-1"));
	ck_assert_ptr_null(ecr_region_partition("us-east-1.evil.example"));
	ck_assert_ptr_null(ecr_region_partition("us-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-1"));
	ck_assert_ptr_null(ecr_region_partition("us--1"));
	ck_assert_ptr_null(ecr_region_partition("us-1"));
	ck_assert_ptr_null(ecr_region_partition(""));
	/* 31 octets fit, 32 do not. */
	ck_assert_str_eq(ecr_region_partition("us-aaaaaaaaaaaaaaaaaaaaaaaaaa-1"), "aws");
	ck_assert_ptr_null(ecr_region_partition("us-aaaaaaaaaaaaaaaaaaaaaaaaaaa-1"));
}
END_TEST

struct api {
	const char *region;
	const char *hosts[4]; /* plain, dual-stack, FIPS, both */
};

static void assert_hosts(
    const struct api *api, int (*format)(const char *region, bool fips, bool dual_stack, char *ret))
{
	for (unsigned i = 0; i < 4; i++) {
		char host[ECR_API_HOST_MAX] = "";

		ck_assert_int_eq(format(api->region, i & 2, i & 1, host), 0);
		ck_assert_str_eq(host, api->hosts[i]);
	}
}

/* As botocore 1.43.11 resolves them. */
START_TEST(knows_the_api_of_every_partition)
{
	static const struct api apis[] = {
	    {"us-east-1",
		{"api.ecr.us-east-1.amazonaws.com", "ecr.us-east-1.api.aws",
		    "api.ecr-fips.us-east-1.amazonaws.com", "ecr-fips.us-east-1.api.aws"}},
	    {"us-gov-west-1",
		{"api.ecr.us-gov-west-1.amazonaws.com", "ecr.us-gov-west-1.api.aws",
		    "api.ecr-fips.us-gov-west-1.amazonaws.com", "ecr-fips.us-gov-west-1.api.aws"}},
	    {"cn-north-1", {"api.ecr.cn-north-1.amazonaws.com.cn",
			       "ecr.cn-north-1.api.amazonwebservices.com.cn",
			       "api.ecr-fips.cn-north-1.amazonaws.com.cn",
			       "ecr-fips.cn-north-1.api.amazonwebservices.com.cn"}},
	    {"us-iso-east-1",
		{"api.ecr.us-iso-east-1.c2s.ic.gov", "ecr.us-iso-east-1.api.aws.ic.gov",
		    "api.ecr-fips.us-iso-east-1.c2s.ic.gov",
		    "ecr-fips.us-iso-east-1.api.aws.ic.gov"}},
	    {"us-isob-east-1",
		{"api.ecr.us-isob-east-1.sc2s.sgov.gov", "ecr.us-isob-east-1.api.aws.scloud",
		    "api.ecr-fips.us-isob-east-1.sc2s.sgov.gov",
		    "ecr-fips.us-isob-east-1.api.aws.scloud"}},
	    {"eu-isoe-west-1", {"api.ecr.eu-isoe-west-1.cloud.adc-e.uk",
				   "ecr.eu-isoe-west-1.api.cloud-aws.adc-e.uk",
				   "api.ecr-fips.eu-isoe-west-1.cloud.adc-e.uk",
				   "ecr-fips.eu-isoe-west-1.api.cloud-aws.adc-e.uk"}},
	    {"us-isof-south-1",
		{"api.ecr.us-isof-south-1.csp.hci.ic.gov", "ecr.us-isof-south-1.api.aws.hci.ic.gov",
		    "api.ecr-fips.us-isof-south-1.csp.hci.ic.gov",
		    "ecr-fips.us-isof-south-1.api.aws.hci.ic.gov"}},
	    {"eusc-de-east-1", {"api.ecr.eusc-de-east-1.amazonaws.eu",
				   "ecr.eusc-de-east-1.api.amazonwebservices.eu",
				   "api.ecr-fips.eusc-de-east-1.amazonaws.eu",
				   "ecr-fips.eusc-de-east-1.api.amazonwebservices.eu"}}};

	for (size_t i = 0; i < sizeof(apis) / sizeof(*apis); i++)
		assert_hosts(&apis[i], ecr_api_host);
}
END_TEST

START_TEST(knows_sts)
{
	static const struct api apis[] = {
	    {"eu-west-1", {"sts.eu-west-1.amazonaws.com", "sts.eu-west-1.api.aws",
			      "sts-fips.eu-west-1.amazonaws.com", "sts-fips.eu-west-1.api.aws"}},
	    {"us-gov-west-1",
		{"sts.us-gov-west-1.amazonaws.com", "sts.us-gov-west-1.api.aws",
		    "sts.us-gov-west-1.amazonaws.com", "sts-fips.us-gov-west-1.api.aws"}},
	    {"cn-north-1",
		{"sts.cn-north-1.amazonaws.com.cn", "sts.cn-north-1.api.amazonwebservices.com.cn",
		    "sts-fips.cn-north-1.amazonaws.com.cn",
		    "sts-fips.cn-north-1.api.amazonwebservices.com.cn"}}};

	for (size_t i = 0; i < sizeof(apis) / sizeof(*apis); i++)
		assert_hosts(&apis[i], sts_api_host);
}
END_TEST

START_TEST(knows_identity_center)
{
	static const struct api portals[] = {
	    {"eu-west-1", {"portal.sso.eu-west-1.amazonaws.com", "portal.sso.eu-west-1.api.aws",
			      "portal.sso-fips.eu-west-1.amazonaws.com",
			      "portal.sso-fips.eu-west-1.api.aws"}},
	    {"us-gov-west-1",
		{"portal.sso.us-gov-west-1.amazonaws.com", "portal.sso.us-gov-west-1.api.aws",
		    "portal.sso.us-gov-west-1.amazonaws.com",
		    "portal.sso-fips.us-gov-west-1.api.aws"}}};
	static const struct api oidc[] = {
	    {"eu-west-1", {"oidc.eu-west-1.amazonaws.com", "oidc.eu-west-1.api.aws",
			      "oidc-fips.eu-west-1.amazonaws.com", "oidc-fips.eu-west-1.api.aws"}},
	    {"us-gov-west-1",
		{"oidc.us-gov-west-1.amazonaws.com", "oidc.us-gov-west-1.api.aws",
		    "oidc.us-gov-west-1.amazonaws.com", "oidc-fips.us-gov-west-1.api.aws"}}};

	for (size_t i = 0; i < 2; i++) {
		assert_hosts(&portals[i], sso_api_host);
		assert_hosts(&oidc[i], sso_oidc_api_host);
	}
}
END_TEST

START_TEST(an_unknown_region_has_no_api)
{
	char host[ECR_API_HOST_MAX] = "untouched";

	ck_assert_int_eq(ecr_api_host("mars-north-1", false, false, host), -EINVAL);
	ck_assert_int_eq(sts_api_host("", false, true, host), -EINVAL);
	ck_assert_int_eq(sso_api_host("x", false, false, host), -EINVAL);
	ck_assert_int_eq(sso_oidc_api_host("x", true, false, host), -EINVAL);
	ck_assert_str_eq(host, "untouched");
}
END_TEST

UNIT(ecr_host, knows_registries_of_all_partitions, refuses_hosts_that_only_look_like_it,
    formats_the_default_registry, knows_the_partition_of_a_region, knows_the_api_of_every_partition,
    knows_sts, knows_identity_center, an_unknown_region_has_no_api);

#include "unit.h"

#include <errno.h>

#include "aws_settings.h"
#include "fake_sources.h"

static void check_text(char *got, const char *expected)
{
	ck_assert_pstr_eq(got, expected);
}

static void read_settings(struct aws_settings *ret)
{
	struct err e = {};

	aws_settings_finish(ret);
	ck_assert_msg(aws_settings_read(&fake_sources, ret, &e) == 0, "%s", e.text);
}

static void check_refused(const char *text)
{
	struct aws_settings settings = {};
	struct err e = {};

	ck_assert_int_eq(aws_settings_read(&fake_sources, &settings, &e), -EINVAL);
	ck_assert_ptr_null(settings.region);
	ck_assert_msg(strstr(e.text, text), "%s", e.text);
}

START_TEST(nothing_is_set)
{
	struct aws_settings settings = {};

	fake_home_make();
	read_settings(&settings);
	check_text(settings.region, NULL);
	check_text(settings.ca_bundle, NULL);
	check_text(settings.ecr_url, NULL);
	check_text(settings.sts_url, NULL);
	check_text(settings.endpoint_url, NULL);
	ck_assert(!settings.fips && !settings.dual_stack);
	fake_home_remove();
}
END_TEST

static const char config[] = "[profile p]\nregion = eu-west-3\nca_bundle = /p.pem\n"
			     "use_fips_endpoint = true\nuse_dualstack_endpoint = TRUE\n"
			     "services = s\nendpoint_url = http://any:1\n[services s]\n"
			     "ecr =\n  endpoint_url = http://ecr:2/\n"
			     "sts =\n  endpoint_url = HTTPS://sts:443\n"
			     "sso =\n  endpoint_url = http://sso\n"
			     "sso_oidc =\n  endpoint_url = http://oidc\n";

START_TEST(from_the_profile)
{
	struct aws_settings settings = {};

	fake_home_make();
	fake_home_write(".aws/config", config);
	fake_setenv("AWS_PROFILE", "p");
	read_settings(&settings);
	check_text(settings.region, "eu-west-3");
	check_text(settings.ca_bundle, "/p.pem");
	check_text(settings.ecr_url, "http://ecr:2");
	check_text(settings.sts_url, "https://sts");
	check_text(settings.sso_url, "http://sso");
	check_text(settings.sso_oidc_url, "http://oidc");
	check_text(settings.endpoint_url, "http://any:1");
	ck_assert(settings.fips && settings.dual_stack);
	aws_settings_finish(&settings);
	fake_home_remove();
}
END_TEST

START_TEST(environment_wins)
{
	struct aws_settings settings = {};

	fake_home_make();
	fake_home_write(".aws/config", config);
	fake_setenv("AWS_PROFILE", "p");
	fake_setenv("AWS_DEFAULT_REGION", "eu-west-2");
	fake_setenv("AWS_CA_BUNDLE", "/e.pem");
	fake_setenv("AWS_ENDPOINT_URL_ECR", "http://[::1]:3");
	fake_setenv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:4");
	fake_setenv("AWS_ENDPOINT_URL_SSO", "http://127.0.0.1:6");
	fake_setenv("AWS_ENDPOINT_URL_SSO_OIDC", "http://127.0.0.1:7");
	fake_setenv("AWS_ENDPOINT_URL", "http://h");
	fake_setenv("AWS_USE_FIPS_ENDPOINT", "False");
	fake_setenv("AWS_USE_DUALSTACK_ENDPOINT", "false");
	read_settings(&settings);
	check_text(settings.region, "eu-west-2");
	check_text(settings.ca_bundle, "/e.pem");
	check_text(settings.ecr_url, "http://[::1]:3");
	check_text(settings.sts_url, "http://127.0.0.1:4");
	check_text(settings.sso_url, "http://127.0.0.1:6");
	check_text(settings.sso_oidc_url, "http://127.0.0.1:7");
	check_text(settings.endpoint_url, "http://h");
	ck_assert(!settings.fips && !settings.dual_stack);
	fake_setenv("AWS_REGION", "eu-west-1");
	fake_setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true");
	read_settings(&settings);
	check_text(settings.region, "eu-west-1");
	check_text(settings.ecr_url, NULL);
	check_text(settings.endpoint_url, NULL);
	aws_settings_finish(&settings);
	fake_home_remove();
}
END_TEST

START_TEST(what_is_none_of_its_kind)
{
	fake_home_make();
	fake_setenv("AWS_USE_FIPS_ENDPOINT", "1");
	check_refused("AWS_USE_FIPS_ENDPOINT is \"1\"");
	fake_setenv("AWS_USE_FIPS_ENDPOINT", "");
	fake_setenv("AWS_ENDPOINT_URL_ECR", "http://u:p@h");
	check_refused("AWS_ENDPOINT_URL_ECR is no URL");
	fake_setenv("AWS_ENDPOINT_URL_ECR", "");
	fake_home_write(".aws/config", "[default]\nendpoint_url = h:1\n");
	check_refused("endpoint_url is no URL");
	fake_home_write(".aws/config", "");
	fake_setenv("AWS_PROFILE", "p");
	check_refused("profile \"p\"");
	fake_home_remove();
}
END_TEST

/* NULL where no URL is expected, but a text with `reason`. */
static void check_url(
    int (*url_of)(const struct aws_settings *, const char *, char **, struct err *),
    const struct aws_settings *settings, const char *region, const char *url, const char *reason)
{
	_cleanup_(freep) char *got = NULL;
	struct err e = {};
	int r = url_of(settings, region, &got, &e);

	ck_assert_pstr_eq(got, url);
	ck_assert_int_eq(r, url ? 0 : -EINVAL);
	if (reason)
		ck_assert_msg(strstr(e.text, reason), "%s", e.text);
}

START_TEST(urls_by_partition)
{
	const struct aws_settings plain = {}, fips = {.fips = true}, dual = {.dual_stack = true};

	check_url(aws_settings_ecr_url, &plain, "eu-west-1",
	    "https://api.ecr.eu-west-1.amazonaws.com", NULL);
	check_url(aws_settings_ecr_url, &plain, "cn-north-1",
	    "https://api.ecr.cn-north-1.amazonaws.com.cn", NULL);
	check_url(aws_settings_ecr_url, &fips, "us-east-1",
	    "https://api.ecr-fips.us-east-1.amazonaws.com", NULL);
	check_url(aws_settings_ecr_url, &dual, "us-east-1", "https://ecr.us-east-1.api.aws", NULL);
	check_url(
	    aws_settings_sts_url, &plain, "eu-west-1", "https://sts.eu-west-1.amazonaws.com", NULL);
	check_url(aws_settings_sts_url, &plain, "nowhere", NULL, "\"nowhere\" is no AWS region");
	check_url(aws_settings_sso_url, &plain, "eu-west-1",
	    "https://portal.sso.eu-west-1.amazonaws.com", NULL);
	check_url(aws_settings_sso_oidc_url, &plain, "eu-west-1",
	    "https://oidc.eu-west-1.amazonaws.com", NULL);
	check_url(aws_settings_ecr_url, &plain, "", NULL, "AWS_ENDPOINT_URL_ECR");
}
END_TEST

START_TEST(configured_urls)
{
	struct aws_settings settings = {
	    .ecr_url = (char *)"http://e", .endpoint_url = (char *)"http://any", .fips = true};

	check_url(aws_settings_ecr_url, &settings, "nowhere", "http://e", NULL);
	check_url(aws_settings_sts_url, &settings, "eu-west-1", NULL,
	    "AWS_ENDPOINT_URL contradicts AWS_USE_FIPS_ENDPOINT");
	settings.fips = false;
	settings.dual_stack = true;
	check_url(aws_settings_sts_url, &settings, "eu-west-1", NULL, "AWS_USE_DUALSTACK_ENDPOINT");
	settings.dual_stack = false;
	check_url(aws_settings_sts_url, &settings, "eu-west-1", "http://any", NULL);
	settings.sts_url = (char *)"http://s";
	check_url(aws_settings_sts_url, &settings, "eu-west-1", "http://s", NULL);
	settings.sso_url = (char *)"http://p";
	settings.sso_oidc_url = (char *)"http://o";
	check_url(aws_settings_sso_url, &settings, "eu-west-1", "http://p", NULL);
	check_url(aws_settings_sso_oidc_url, &settings, "eu-west-1", "http://o", NULL);
}
END_TEST

START_TEST(a_registry_by_its_name)
{
	_cleanup_(registry_freep) struct registry *registry = NULL;
	const struct aws_settings settings = {};
	const char *host = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";

	ck_assert_int_eq(registry_new(host, NULL, &settings, &registry, NULL), 0);
	ck_assert_str_eq(registry->host, host);
	ck_assert_str_eq(registry->account, "123456789012");
	ck_assert_str_eq(registry->region, "eu-west-1");
	ck_assert(registry->dial.tls);
	ck_assert_str_eq(registry->dial.host, host);
	ck_assert_uint_eq(registry->dial.port, 443);
	ck_assert_str_eq(registry->ecr_url, "https://api.ecr.eu-west-1.amazonaws.com");
}
END_TEST

START_TEST(a_registry_of_a_form)
{
	static const struct {
		const char *host, *url;
	} cases[] = {
	    {"123456789012.dkr.ecr-fips.us-east-1.amazonaws.com",
		"https://api.ecr-fips.us-east-1.amazonaws.com"},
	    {"123456789012.dkr-ecr.us-west-2.on.aws", "https://ecr.us-west-2.api.aws"},
	    {"123456789012.dkr-ecr-fips.us-west-2.on.aws", "https://ecr-fips.us-west-2.api.aws"},
	};
	struct aws_settings settings = {};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		_cleanup_(registry_freep) struct registry *plain = NULL, *configured = NULL;

		settings.endpoint_url = NULL;
		ck_assert_int_eq(registry_new(cases[i].host, NULL, &settings, &plain, NULL), 0);
		ck_assert_str_eq(plain->ecr_url, cases[i].url);
		settings.endpoint_url = (char *)"http://any";
		ck_assert_int_eq(
		    registry_new(cases[i].host, NULL, &settings, &configured, NULL), 0);
		ck_assert_str_eq(configured->ecr_url, "http://any");
	}
}
END_TEST

START_TEST(a_registry_that_is_dialled_elsewhere)
{
	_cleanup_(registry_freep) struct registry *registry = NULL;
	const struct aws_settings settings = {.ecr_url = (char *)"http://e:1"};

	ck_assert_int_eq(registry_new("123456789012.dkr.ecr.eu-west-1.amazonaws.com",
			     "http://[::1]:5000", &settings, &registry, NULL),
	    0);
	ck_assert(!registry->dial.tls);
	ck_assert_str_eq(registry->dial.host, "::1");
	ck_assert_uint_eq(registry->dial.port, 5000);
	ck_assert_str_eq(registry->ecr_url, "http://e:1");
}
END_TEST

START_TEST(no_registry)
{
	static const struct {
		const char *host, *dial, *reason;
	} cases[] = {
	    {"docker.io", NULL, "\"docker.io\" is no ECR registry"},
	    {"123456789012.dkr.ecr.eu-west-1.amazonaws.com.example.com", NULL, "no ECR registry"},
	    {"123456789012.dkr.ecr.not-real.amazonaws.com", NULL, "no ECR registry"},
	    {"123456789012.dkr.ecr.eu-west-1.amazonaws.com", "localhost:1", "no endpoint"},
	    {"123456789012.dkr.ecr.eu-west-1.amazonaws.com", NULL, "AWS_ENDPOINT_URL contradicts"},
	};
	const struct aws_settings settings = {.endpoint_url = (char *)"http://any", .fips = true};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct registry *registry = NULL;
		struct err e = {};

		ck_assert_int_eq(
		    registry_new(cases[i].host, cases[i].dial, &settings, &registry, &e), -EINVAL);
		ck_assert_ptr_null(registry);
		ck_assert_msg(strstr(e.text, cases[i].reason), "%s", e.text);
	}
}
END_TEST

UNIT(aws_settings, nothing_is_set, from_the_profile, environment_wins, what_is_none_of_its_kind,
    urls_by_partition, configured_urls, a_registry_by_its_name, a_registry_of_a_form,
    a_registry_that_is_dialled_elsewhere, no_registry);

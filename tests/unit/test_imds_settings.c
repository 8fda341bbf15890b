#include "unit.h"

#include <errno.h>
#include <string.h>

#include "cred_fixture.h"
#include "imds_settings.h"

static void check(const char *url, unsigned timeout_s, unsigned tries)
{
	_cleanup_(imds_settings_finish) struct imds_settings settings = {};
	struct err e = {};

	ck_assert_msg(imds_settings_read(&fixture_sources, &settings, &e) == 0, "%s", e.text);
	ck_assert_str_eq(settings.url, url);
	ck_assert_uint_eq(settings.timeout_s, timeout_s);
	ck_assert_uint_eq(settings.tries, tries);
}

static void check_refused(const char *words)
{
	struct imds_settings settings = {};
	struct err e = {};

	ck_assert_int_eq(imds_settings_read(&fixture_sources, &settings, &e), -EINVAL);
	ck_assert_msg(strstr(e.text, words), "%s", e.text);
	ck_assert_ptr_null(settings.url);
}

START_TEST(without_any)
{
	struct imds_settings settings = {};

	fixture_init(NULL);
	check("http://169.254.169.254", 1, 1);
	ck_assert_int_eq(imds_settings_read(&fixture_sources, &settings, NULL), 0);
	ck_assert(!settings.disabled && !settings.v1_disabled);
	imds_settings_finish(&settings);
	fixture_finish();
}
END_TEST

START_TEST(of_the_profile_and_the_environment)
{
	struct imds_settings settings = {};

	fixture_init(
	    "[default]\nmetadata_service_timeout = 5\nmetadata_service_num_attempts=3\n"
	    "ec2_metadata_service_endpoint_mode = IPv6\nec2_metadata_v1_disabled = True\n");
	check("http://[fd00:ec2::254]", 5, 3);
	ck_assert_int_eq(imds_settings_read(&fixture_sources, &settings, NULL), 0);
	ck_assert(settings.v1_disabled && !settings.disabled);
	imds_settings_finish(&settings);
	fake_setenv("AWS_METADATA_SERVICE_TIMEOUT", "3600");
	fake_setenv("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "1");
	fake_setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ipv4");
	fake_setenv("AWS_EC2_METADATA_V1_DISABLED", "false");
	fake_setenv("AWS_EC2_METADATA_DISABLED", "TRUE");
	check("http://169.254.169.254", 3600, 1);
	ck_assert_int_eq(imds_settings_read(&fixture_sources, &settings, NULL), 0);
	ck_assert(settings.disabled && !settings.v1_disabled);
	imds_settings_finish(&settings);
	fake_setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://[::1]:1338/");
	check("http://[::1]:1338", 3600, 1);
	fixture_finish();
}
END_TEST

START_TEST(the_older_way_to_ipv6)
{
	fixture_init("[default]\nimds_use_ipv6 = true\n");
	check("http://[fd00:ec2::254]", 1, 1);
	fake_setenv("AWS_IMDS_USE_IPV6", "no");
	check("http://169.254.169.254", 1, 1);
	fake_setenv("AWS_IMDS_USE_IPV6", "true");
	fake_setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv4");
	check("http://169.254.169.254", 1, 1);
	fake_setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", "https://imds.example");
	check("https://imds.example", 1, 1);
	fixture_finish();
}
END_TEST

START_TEST(what_is_no_setting)
{
	static const char *const numbers[] = {
	    "0", "-1", "1.5", "x", "1x", " 1", "3601", "99999999999999999999", "0x1"};
	static const char *const urls[] = {
	    "169.254.169.254", "ftp://x", "http://u:SECRET@h", "http://h/path", "http://h?q"};

	fixture_init("[default]\nmetadata_service_num_attempts = many\n");
	check_refused("metadata_service_num_attempts is \"many\"");
	fake_setenv("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "2");
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		fake_setenv("AWS_METADATA_SERVICE_TIMEOUT", numbers[i]);
		check_refused("AWS_METADATA_SERVICE_TIMEOUT is");
	}
	fake_setenv("AWS_METADATA_SERVICE_TIMEOUT", "");
	fake_setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv5");
	check_refused("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE is \"IPv5\"");
	fixture_finish();
	fixture_init(NULL);
	for (size_t i = 0; i < sizeof(urls) / sizeof(*urls); i++) {
		fake_setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", urls[i]);
		check_refused("AWS_EC2_METADATA_SERVICE_ENDPOINT is no URL");
	}
	fake_setenv("AWS_PROFILE", "nobody");
	check_refused("nobody");
	fixture_finish();
}
END_TEST

UNIT(imds_settings, without_any, of_the_profile_and_the_environment, the_older_way_to_ipv6,
    what_is_no_setting);

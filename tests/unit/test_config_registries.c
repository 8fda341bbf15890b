#include "config_fixture.h"

#include "config_registries.h"

#define A "123456789012.dkr.ecr.eu-west-1.amazonaws.com"

START_TEST(in_their_order)
{
	struct config *config;

	ck_assert_int_eq(config_default(&config), 0);
	must_note("[{\"host\":\"" A "\",\"profile\":\"p\",\"role_arn\":"
		  "\"arn:aws:iam::123456789012:role/x\",\"external_id\":\"e\","
		  "\"endpoint\":\"http://127.0.0.1:5000\"},{\"host\":\"9" A "\"}]",
	    config_read_registries, config,
	    "c:1:179: \"9" A "\" is no host of an ECR registry, as " A " is\n");
	ck_assert_uint_eq(config->registries_len, 2);
	ck_assert_str_eq(config->registries[0].host, A);
	ck_assert_str_eq(config->registries[0].profile, "p");
	ck_assert_str_eq(config->registries[0].role_arn, "arn:aws:iam::123456789012:role/x");
	ck_assert_str_eq(config->registries[0].external_id, "e");
	ck_assert_str_eq(config->registries[0].endpoint, "http://127.0.0.1:5000");
	config_free(config);
}
END_TEST

START_TEST(problems)
{
	static const struct {
		const char *text, *lines;
	} cases[] = {
	    {"[]", ""},
	    {"{}", "c:1:1: must be a list\n"},
	    {"[\"" A "\"]", "c:1:2: must be an object\n"},
	    {"[{}]", "c:1:2: a registry without host\n"},
	    {"[{\"host\":1}]", "c:1:10: host must be a string\n"},
	    {"[{\"host\":\"" A "\"},\n{\"host\":\"" A "\"}]",
		"c:2:9: registry host \"" A "\" is given twice\n"},
	    {"[{\"host\":\"" A
	     "\",\n\"role_arn\":\"x\",\n\"endpoint\":\"127.0.0.1:1\",\n\"profile\":\"\"}]",
		"c:2:12: role_arn must be the ARN of a role, as "
		"arn:aws:iam::123456789012:role/NAME\n"
		"c:3:12: endpoint must be http://ADDR:PORT or https://ADDR:PORT\n"
		"c:4:11: profile must be a string that is not empty\n"},
	    {"[{\"host\":\"" A "\",\"region\":\"x\"}]",
		"c:1:57: unknown key \"region\"; did you mean \"profile\"?\n"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct config *config;

		ck_assert_int_eq(config_default(&config), 0);
		must_note(cases[i].text, config_read_registries, config, cases[i].lines);
		config_free(config);
	}
}
END_TEST

UNIT(config_registries, in_their_order, problems);

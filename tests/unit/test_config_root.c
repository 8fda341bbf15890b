#include "config_fixture.h"

#include <errno.h>

#include "config_root.h"

static void read_root(struct config_reader *reader, const struct json *root, void *target)
{
	reader->unsafe_listen = json_bool(json_get(root, "unsafe_listen"), false);
	config_read_root(reader, root, target);
}

START_TEST(everything)
{
	struct config *config;

	ck_assert_int_eq(config_default(&config), 0);
	must_note(
	    "{\"listen\":[\"127.0.0.1:1\",\"0.0.0.0:2\"],\"admin\":\"off\",\"registries\":[],"
	    "\"allow_any_registry\":true,\"allow_users\":[\"alice\",1000,0],"
	    "\"hosts\":[\"a.local:1\",\"[::2]:3\",\"b\"],\"create\":{\"max_per_hour\":1,"
	    "\"timeout_s\":2,\"on_access_denied\":\"wait\"},\"defaults\":{\"scan_on_push\":false},"
	    "\"rules\":[{\"match\":\"**\"}],\"log\":{\"level\":\"error\",\"format\":\"json\"},"
	    "\"state_dir\":\"/s\",\"unsafe_listen\":true}",
	    read_root, config, "");
	ck_assert_str_eq(config->listen[1], "0.0.0.0:2");
	ck_assert_str_eq(config->admin, "off");
	ck_assert(config->allow_any_registry);
	ck_assert_str_eq(config->allow_users[0], "alice");
	ck_assert_str_eq(config->allow_users[1], "1000");
	ck_assert_str_eq(config->allow_users[2], "0");
	ck_assert_ptr_null(config->allow_users[3]);
	ck_assert_str_eq(config->hosts[1], "[::2]:3");
	ck_assert_uint_eq(config->max_per_hour, 1);
	ck_assert_uint_eq(config->timeout_s, 2);
	ck_assert(config->wait_when_denied);
	ck_assert_int_eq(config->rules.defaults.scan_on_push, SAID_NO);
	ck_assert_uint_eq(config->rules.len, 1);
	ck_assert_int_eq(config->log_level, LOG_LEVEL_ERROR);
	ck_assert_int_eq(config->log_format, LOG_FORMAT_JSON);
	ck_assert_str_eq(config->state_dir, "/s");
	ck_assert(config->unsafe_listen);
	config_free(config);
}
END_TEST

#define NO_ADDRESS " is no address to listen on; write it as 127.0.0.1:5100 or [::1]:5100\n"

START_TEST(problems)
{
	static const struct {
		const char *text, *lines;
	} cases[] = {
	    {"[]", "c:1:1: must be an object\n"},
	    {"{\"listen\":\"127.0.0.1:1\"}", "c:1:11: listen must be a list\n"},
	    {"{\"listen\":[]}", "c:1:11: listen must be a list of 1 to 32 addresses\n"},
	    {"{\"listen\":[\"127.0.0.1:1\",\"127.0.0.1:1\"]}",
		"c:1:26: listen \"127.0.0.1:1\" is given twice\n"},
	    {"{\"listen\":[\"localhost:1\",\"127.0.0.1:65536\"]}",
		"c:1:12: \"localhost:1\"" NO_ADDRESS "c:1:26: \"127.0.0.1:65536\"" NO_ADDRESS},
	    {"{\"admin\":\"127.0.0.1:0\"}", "c:1:10: 127.0.0.1:0 has no port from 1 to 65535\n"},
	    {"{\"admin\":\"[::1]:00\"}", "c:1:10: [::1]:00 has no port from 1 to 65535\n"},
	    {"{\"admin\":false}", "c:1:10: admin must be \"ADDR:PORT\" or \"off\"\n"},
	    {"{\"admin\":\"OFF\"}", "c:1:10: \"OFF\"" NO_ADDRESS},
	    {"{\"allow_users\":[]}", "c:1:16: allow_users must be a list of at least one user; "
				     "leave it out to let all of them connect\n"},
	    {"{\"allow_users\":[true,-1,1.5,\"\"]}",
		"c:1:17: must be the name or the number of a user\n"
		"c:1:22: must be an integer from 0 to 4294967294\n"
		"c:1:25: must be an integer from 0 to 4294967294\n"
		"c:1:29: must be a string that is not empty\n"},
	    {"{\"allow_users\":[1,\"1\"]}", "c:1:19: allow_users \"1\" is given twice\n"},
	    {"{\"hosts\":[\"a/\",\"http://a\",\"a b\",\"a:0\",\"u@a\"]}",
		"c:1:11: \"a/\" is no value of a Host header; write it as registry.local:5100\n"
		"c:1:16: \"http://a\" is no value of a Host header; write it as "
		"registry.local:5100\n"
		"c:1:27: \"a b\" is no value of a Host header; write it as registry.local:5100\n"
		"c:1:33: \"a:0\" is no value of a Host header; write it as registry.local:5100\n"
		"c:1:39: \"u@a\" is no value of a Host header; write it as registry.local:5100\n"},
	    {"{\"create\":{\"max_per_hour\":0,\n\"timeout_s\":26,\n\"on_access_denied\":\"no\"}}",
		"c:1:27: max_per_hour must be an integer from 1 to 4294967295\n"
		"c:2:13: timeout_s must be an integer from 1 to 25\n"
		"c:3:20: on_access_denied must be \"fail\" or \"wait\"\n"},
	    {"{\"log\":{\"level\":\"warning\",\"format\":\"xml\"}}",
		"c:1:17: level must be \"debug\", \"info\", \"warn\" or \"error\"\n"
		"c:1:36: format must be \"text\" or \"json\"\n"},
	    {"{\"log\":\"info\"}", "c:1:8: log must be an object\n"},
	    {"{\"state_dir\":null}", "c:1:14: state_dir must be a string\n"},
	    {"{\"unsafe_listen\":\"yes\"}", "c:1:18: unsafe_listen must be true or false\n"},
	    {"{\"allow_any_registry\":1}", "c:1:23: allow_any_registry must be true or false\n"},
	    {"{\"defaults\":{\"x\":1}}", "c:1:14: unknown key \"x\"; did you mean \"tags\"?\n"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct config *config;

		ck_assert_int_eq(config_default(&config), 0);
		must_note(cases[i].text, read_root, config, cases[i].lines);
		config_free(config);
	}
}
END_TEST

START_TEST(beyond_loopback_only_when_told)
{
	static const char *const members[] = {"\"listen\":[\"0.0.0.0:1\"]", "\"admin\":\"[::]:1\""};

	for (size_t i = 0; i < 2; i++) {
		_cleanup_(config_freep) struct config *config = NULL;
		_cleanup_str_ struct str lines = {}, text = {};

		ck_assert_int_eq(str_appendf(&text, "{%s}", members[i]), 0);
		ck_assert_int_eq(
		    config_parse("c", "/", text.data, text.len, &config, &lines), -EINVAL);
		ck_assert_ptr_nonnull(strstr(str_text(&lines), "beyond loopback"));
		ck_assert_ptr_nonnull(strstr(str_text(&lines), "unsafe_listen"));
		str_clear(&lines);
		str_clear(&text);
		ck_assert_int_eq(str_appendf(&text, "{%s,\"unsafe_listen\":true}", members[i]), 0);
		ck_assert_int_eq(config_parse("c", "/", text.data, text.len, &config, &lines), 0);
		ck_assert_str_eq(str_text(&lines), "");
	}
}
END_TEST

UNIT(config_root, everything, problems, beyond_loopback_only_when_told);

#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "config.h"

START_TEST(without_a_file_the_defaults_count)
{
	_cleanup_(config_freep) struct config *config = NULL;

	ck_assert_int_eq(config_default(&config), 0);
	ck_assert_ptr_null(config->listen);
	ck_assert_ptr_null(config->admin);
	ck_assert_uint_eq(config->registries_len, 0);
	ck_assert(!config->allow_any_registry);
	ck_assert_ptr_null(config->allow_users);
	ck_assert_ptr_null(config->hosts);
	ck_assert_uint_eq(config->max_per_hour, 100);
	ck_assert_uint_eq(config->timeout_s, 25);
	ck_assert(!config->wait_when_denied);
	ck_assert_uint_eq(config->rules.len, 0);
	ck_assert_int_eq(config->log_level, LOG_LEVEL_INFO);
	ck_assert_int_eq(config->log_format, LOG_FORMAT_TEXT);
	ck_assert_ptr_null(config->state_dir);
	ck_assert(!config->unsafe_listen);
	config_free(NULL);
}
END_TEST

static void must_parse(const char *text, size_t len, const char *lines)
{
	_cleanup_(config_freep) struct config *config = NULL;
	_cleanup_str_ struct str problems = {};
	int r = config_parse("f", "/nonexistent", text, len, &config, &problems);

	ck_assert_str_eq(str_text(&problems), lines);
	ck_assert_int_eq(r, *lines ? -EINVAL : 0);
	ck_assert(!config == !!*lines);
}

START_TEST(one_line_when_it_is_no_json)
{
	static const struct {
		const char *text, *lines;
	} cases[] = {
	    {"{}", ""},
	    {"// c\r\n{}\r\n", ""},
	    {"", "f:1:1: the file is empty; {} says nothing\n"},
	    {"{\"admin\":\"\xff\"}", "f:1:11: invalid UTF-8\n"},
	    {"{ /*", "f:1:3: this comment is not closed\n"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		must_parse(cases[i].text, strlen(cases[i].text), cases[i].lines);
	must_parse("{\0}", 3, "f:1:2: control character\n");
}
END_TEST

START_TEST(all_problems_at_once)
{
	static const char text[] =
	    "{\"log\":{\"level\":1},\n\"lisen\":[],\n\"log\":{},\n"
	    "\"rules\":[{\"settings\":{\"lifecycle_policy\":{\"a\":1,\"a\":2}}}]}";

	must_parse(text, strlen(text),
	    "f:1:17: level must be \"debug\", \"info\", \"warn\" or \"error\"\n"
	    "f:2:1: unknown key \"lisen\"; did you mean \"listen\"?\n"
	    "f:3:1: key \"log\" is given twice\n"
	    "f:4:10: a rule without match; for every name: \"match\": \"**\"\n"
	    "f:4:49: key \"a\" is given twice\n");
}
END_TEST

START_TEST(size_is_bounded)
{
	_cleanup_str_ struct str text = {};

	for (size_t i = 0; i < CONFIG_FILE_MAX - 2; i++)
		ck_assert_int_eq(str_append_text(&text, "\n"), 0);
	ck_assert_int_eq(str_append_text(&text, "{}"), 0);
	must_parse(text.data, text.len, "");
	ck_assert_int_eq(str_append_text(&text, "\n"), 0);
	must_parse(text.data, text.len, "f:1:1: the file is larger than 1 MiB\n");
}
END_TEST

static void must_load(const char *path, int code, const char *lines)
{
	_cleanup_(config_freep) struct config *config = NULL;
	_cleanup_str_ struct str problems = {};

	ck_assert_int_eq(config_load(path, false, &config, &problems), code);
	ck_assert_str_eq(str_text(&problems), lines);
	ck_assert(!config == (code < 0));
}

START_TEST(files_and_their_folders)
{
	char folder[] = "/tmp/test_config.XXXXXX";
	FILE *file;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(chdir(folder), 0);
	file = fopen("c", "w");
	fputs("{\"defaults\":{\"lifecycle_policy_file\":\"p\"}}", file);
	fclose(file);
	must_load("c", -EINVAL,
	    "c:1:14: lifecycle_policy_file: cannot read ./p: No such file or directory\n");
	file = fopen("p", "w");
	fputs("{}", file);
	fclose(file);
	must_load("c", 0, "");
	ck_assert_int_eq(chdir("/"), 0);
	must_load(str_text(&(struct str){.data = strcat((char[64]){}, folder)}), -EISDIR,
	    strcat(strcat((char[128]){}, folder), ": cannot be read: it is a folder\n"));
	must_load(strcat(strcat((char[64]){}, folder), "/c"), 0, "");
	ck_assert_int_eq(chdir(folder), 0);
	unlink("c");
	unlink("p");
	must_load("c", -ENOENT, "c: cannot be read: No such file or directory\n");
	ck_assert_int_eq(chdir("/"), 0);
	rmdir(folder);
}
END_TEST

UNIT(config, without_a_file_the_defaults_count, one_line_when_it_is_no_json, all_problems_at_once,
    size_is_bounded, files_and_their_folders);

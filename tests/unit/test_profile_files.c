#include "unit.h"

#include <errno.h>

#include "fake_sources.h"
#include "file_stamps.h"
#include "profile_files.h"

static struct profile_files *read_them(void)
{
	struct profile_files *files = NULL;
	struct err e = {};

	ck_assert_msg(profile_files_read(&fake_sources, &files, &e) == 0, "%s", e.text);
	return files;
}

/* The first key of each section says which one it is. */
START_TEST(sections_of_each_kind)
{
	static const struct {
		enum profile_file file;
		const char *kind, *name, *value;
	} cases[] = {
	    {PROFILE_CONFIG_FILE, "profile", "default", "d"},
	    {PROFILE_CONFIG_FILE, "profile", "x", "px"},
	    {PROFILE_CONFIG_FILE, "profile", "x y", "pxy"},
	    {PROFILE_CONFIG_FILE, "profile", "e d", "ped"},
	    {PROFILE_CONFIG_FILE, "profile", "ab", "pab"},
	    {PROFILE_CONFIG_FILE, "profile", "many", "pm"},
	    {PROFILE_CONFIG_FILE, "profile", "e f", NULL},
	    {PROFILE_CONFIG_FILE, "profile", "open", NULL},
	    {PROFILE_CONFIG_FILE, "sso-session", "x", "sx"},
	    {PROFILE_CONFIG_FILE, "services", "x", "vx"},
	    {PROFILE_CONFIG_FILE, "profile", "bare", NULL},
	    {PROFILE_CONFIG_FILE, "profile", "none", NULL},
	    {PROFILE_CREDENTIALS_FILE, "profile", "default", "cd"},
	    {PROFILE_CREDENTIALS_FILE, "profile", "x", "cx"},
	    {PROFILE_CREDENTIALS_FILE, "profile", "profile x", "cp"},
	    {PROFILE_CREDENTIALS_FILE, "sso-session", "x", NULL},
	};
	_cleanup_(profile_files_freep) struct profile_files *files = NULL;

	fake_home_make();
	fake_home_write(".aws/config",
	    "[default]\nk=d\n[profile x]\nk=px\n[sso-session \"x\"]\nk=sx\n[services\t'x']\nk=vx\n"
	    "[profile \"x y\"]\nk=pxy\n[bare]\nk=no\n[profilenone]\nk=no\n"
	    "[profile e\\ d]\nk=ped\n[profile a'b']\nk=pab\n[profiles many]\nk=pm\n"
	    "[profile e f]\nk=no\n[profile 'open]\nk=no\n");
	fake_home_write(
	    ".aws/credentials", "[default]\nk=cd\n[x]\nk=cx\n[profile x]\nk=cp\n[none]\n");
	files = read_them();
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		ck_assert_pstr_eq(
		    profile_files_get(files, cases[i].file, cases[i].kind, cases[i].name, "k"),
		    cases[i].value);
		ck_assert(profile_files_has(files, cases[i].file, cases[i].kind, cases[i].name) ==
			  (cases[i].value != NULL));
	}
	/* Without a key it is there as well. */
	ck_assert(profile_files_has(files, PROFILE_CREDENTIALS_FILE, "profile", "none"));
	fake_home_remove();
}
END_TEST

START_TEST(what_a_section_lacks)
{
	_cleanup_(profile_files_freep) struct profile_files *files = NULL;

	fake_home_make();
	fake_home_write(".aws/credentials", "[x]\na=1\n[DEFAULT]\na=2\nb=2\n");
	fake_home_write(".aws/config", "[profile DEFAULT]\na=3\n");
	files = read_them();
	ck_assert_str_eq(
	    profile_files_get(files, PROFILE_CREDENTIALS_FILE, "profile", "x", "a"), "1");
	ck_assert_str_eq(
	    profile_files_get(files, PROFILE_CREDENTIALS_FILE, "profile", "x", "b"), "2");
	ck_assert_ptr_null(profile_files_get(files, PROFILE_CREDENTIALS_FILE, "profile", "y", "b"));
	ck_assert(!profile_files_has(files, PROFILE_CREDENTIALS_FILE, "profile", "DEFAULT"));
	ck_assert_str_eq(
	    profile_files_get(files, PROFILE_CONFIG_FILE, "profile", "DEFAULT", "a"), "3");
	fake_home_remove();
}
END_TEST

START_TEST(the_last_section_counts)
{
	_cleanup_(profile_files_freep) struct profile_files *files = NULL;

	fake_home_make();
	fake_home_write(
	    ".aws/config", "[default]\na=1\nb=1\n[x]\na=9\n[profile default]\nb=3\nc=\n");
	files = read_them();
	ck_assert_ptr_null(
	    profile_files_get(files, PROFILE_CONFIG_FILE, "profile", "default", "a"));
	ck_assert_str_eq(
	    profile_files_get(files, PROFILE_CONFIG_FILE, "profile", "default", "b"), "3");
	ck_assert_ptr_null(
	    profile_files_get(files, PROFILE_CONFIG_FILE, "profile", "default", "c"));
	fake_home_remove();
}
END_TEST

START_TEST(the_files_are_noted)
{
	struct file_stamps seen = {};
	struct credential_sources sources = fake_sources;
	_cleanup_(profile_files_freep) struct profile_files *files = NULL;

	sources.seen = &seen;
	fake_home_make();
	fake_home_write(".aws/config", "");
	ck_assert_int_eq(profile_files_read(&sources, &files, NULL), 0);
	ck_assert(!file_stamps_changed(&seen));
	/* One that appears is a change too. */
	fake_home_write(".aws/credentials", "");
	ck_assert(file_stamps_changed(&seen));
	file_stamps_finish(&seen);
	fake_home_remove();
}
END_TEST

START_TEST(broken_files_are_named)
{
	struct profile_files *files = NULL;
	struct err e = {};

	fake_home_make();
	fake_home_write(".aws/credentials", "[default]\nSECRET\n");
	ck_assert_int_eq(profile_files_read(&fake_sources, &files, &e), -EBADMSG);
	ck_assert_msg(strstr(e.text, ".aws/credentials: line 2:"), "%s", e.text);
	ck_assert_ptr_null(strstr(e.text, "SECRET"));
	ck_assert_ptr_null(files);
	fake_home_remove();
}
END_TEST

START_TEST(paths_for_a_person)
{
	const struct credential_sources homeless = {.getenv = fake_getenv};
	_cleanup_(profile_files_freep) struct profile_files *files = NULL;

	fake_setenv("AWS_CONFIG_FILE", "/nowhere/config");
	ck_assert_int_eq(profile_files_read(&homeless, &files, NULL), 0);
	ck_assert_str_eq(profile_files_path(files, PROFILE_CONFIG_FILE), "/nowhere/config");
	ck_assert_str_eq(profile_files_path(files, PROFILE_CREDENTIALS_FILE), "~/.aws/credentials");
	profile_files_free(NULL);
}
END_TEST

UNIT(profile_files, what_a_section_lacks, sections_of_each_kind, the_last_section_counts,
    the_files_are_noted, broken_files_are_named, paths_for_a_person);

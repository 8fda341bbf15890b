#include "aws_path.h"

#include <errno.h>

#include "fake_sources.h"
#include "unit.h"

static void check(const char *path, const char *wanted)
{
	_cleanup_(freep) char *got = NULL;

	ck_assert_int_eq(aws_path_expand(&fake_sources, path, &got), 0);
	ck_assert_msg(!strcmp(got, wanted), "%s: %s", path, got);
}

/* Each as Python's expanduser(expandvars(path)) has it. */
START_TEST(test_expand)
{
	static const char *const cases[][2] = {
	    {"/a/b", "/a/b"},
	    {"", ""},
	    {"~", "/home/x"},
	    {"~/b", "/home/x/b"},
	    {"/~/b", "/~/b"},
	    {"~other/b", "~other/b"},
	    {"$A/b", "/value/b"},
	    {"${A}b", "/valueb"},
	    {"$AB", "$AB"},
	    {"$A.b$A", "/value.b/value"},
	    {"$NOT_SET/${NOT_SET}", "$NOT_SET/${NOT_SET}"},
	    {"$EMPTY/b", "/b"},
	    {"a$", "a$"},
	    {"$$A", "$/value"},
	    {"$/", "$/"},
	    {"${A", "${A"},
	    {"${}", "${}"},
	    {"$T/b", "/home/x/b"},
	    {"$SELF", "$SELF"},
	};

	strcpy(fake_home, "/home/x");
	fake_setenv("A", "/value");
	fake_setenv("EMPTY", "");
	fake_setenv("T", "~");
	fake_setenv("SELF", "$SELF");
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		check(cases[i][0], cases[i][1]);
}
END_TEST

START_TEST(test_homeless)
{
	const struct credential_sources homeless = {.getenv = fake_getenv};
	_cleanup_(freep) char *got = NULL;

	ck_assert_int_eq(aws_path_expand(&homeless, "~/b", &got), -ENOENT);
	ck_assert_ptr_null(got);
	ck_assert_int_eq(aws_path_expand(&homeless, "/b", &got), 0);
	ck_assert_str_eq(got, "/b");
}
END_TEST

UNIT(aws_path, test_expand, test_homeless);

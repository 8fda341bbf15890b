#include "unit.h"

#include <string.h>

#include "str.h"

START_TEST(grows_over_its_first_size)
{
	_cleanup_str_ struct str s = {};

	for (int i = 0; i < 1000; i++)
		ck_assert_int_eq(str_appendf(&s, "%03d,", i), 0);
	ck_assert_uint_eq(s.len, 4000);
	ck_assert_uint_eq(strlen(s.data), 4000);
	ck_assert_int_eq(strncmp(s.data + 3996, "999,", 4), 0);
}
END_TEST

START_TEST(keeps_nul_bytes)
{
	_cleanup_str_ struct str s = {};

	ck_assert_int_eq(str_append(&s, "a\0b", 3), 0);
	ck_assert_uint_eq(s.len, 3);
	ck_assert_mem_eq(s.data, "a\0b", 4);
}
END_TEST

START_TEST(clear_wipes_the_bytes)
{
	_cleanup_str_ struct str s = {};

	ck_assert_int_eq(str_append_text(&s, "secret"), 0);
	str_clear(&s);
	ck_assert_uint_eq(s.len, 0);
	for (size_t i = 0; i < s.cap; i++)
		ck_assert_int_eq(s.data[i], 0);
	ck_assert_str_eq(str_text(&s), "");
}
END_TEST

START_TEST(an_empty_one_has_a_text)
{
	struct str s = {};

	ck_assert_str_eq(str_text(&s), "");
	str_finish(&s);
	str_finish(NULL);
	secret_free(NULL);
}
END_TEST

START_TEST(copies_and_compares_what_may_be_missing)
{
	_cleanup_(freep) char *copy = NULL;

	ck_assert_int_eq(str_dup(NULL, &copy), 0);
	ck_assert_ptr_null(copy);
	ck_assert_int_eq(str_dup("a", &copy), 0);
	ck_assert_str_eq(copy, "a");
	ck_assert(str_same(copy, "a") && str_same(NULL, NULL));
	ck_assert(!str_same("a", "b") && !str_same("a", NULL) && !str_same(NULL, ""));
}
END_TEST

UNIT(str, copies_and_compares_what_may_be_missing, grows_over_its_first_size, keeps_nul_bytes,
    clear_wipes_the_bytes, an_empty_one_has_a_text);

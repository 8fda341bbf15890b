#include "ini_names.h"

#include <stdio.h>
#include <string.h>

#include "unit.h"

struct entry {
	size_t section;
	const char *name;
};

/* Each on a line of its own, from 1. */
static unsigned find(const struct entry *entries, size_t len)
{
	struct ini_names names = {};
	unsigned line;

	for (size_t i = 0; i < len; i++) {
		const struct ini_name name = {
		    entries[i].section, entries[i].name, strlen(entries[i].name), (unsigned)i + 1};

		ck_assert_int_eq(ini_names_add(&names, &name), 0);
	}
	line = ini_names_find_repeated(&names);
	ini_names_finish(&names);
	return line;
}

#define FIND(...)                                 \
	find((const struct entry[]){__VA_ARGS__}, \
	    sizeof((const struct entry[]){__VA_ARGS__}) / sizeof(struct entry))

START_TEST(test_none)
{
	struct ini_names empty = {};

	ck_assert_uint_eq(ini_names_find_repeated(&empty), 0);
	ck_assert_uint_eq(FIND({0, "a"}, {1, "a"}, {1, "b"}, {0, "b"}, {2, "a"}), 0);
	ck_assert_uint_eq(FIND({0, "a"}, {0, "A"}, {0, "ab"}), 0);
}
END_TEST

START_TEST(test_repeated)
{
	ck_assert_uint_eq(FIND({0, "a"}, {1, "x"}, {0, "a"}), 3);
	ck_assert_uint_eq(FIND({0, "a"}, {1, "x"}, {1, "X"}), 3);
	ck_assert_uint_eq(FIND({1, "x"}, {1, "x"}, {1, "x"}), 2);
	/* Of several the first. */
	ck_assert_uint_eq(FIND({1, "z"}, {1, "a"}, {1, "z"}, {1, "a"}), 3);
	ck_assert_uint_eq(FIND({1, "a"}, {1, "z"}, {1, "z"}, {1, "a"}), 3);
}
END_TEST

START_TEST(test_many)
{
	static char texts[1000][8];
	struct ini_names names = {};

	for (unsigned i = 0; i < 1000; i++) {
		const struct ini_name name = {1, texts[i],
		    (size_t)snprintf(texts[i], sizeof(texts[i]), "k%u", i % 999), i + 1};

		ck_assert_int_eq(ini_names_add(&names, &name), 0);
	}
	ck_assert_uint_eq(ini_names_find_repeated(&names), 1000);
	ini_names_finish(&names);
}
END_TEST

UNIT(ini_names, test_none, test_repeated, test_many);

#include "unit.h"

#include <string.h>

#include "nearest.h"

static const char *const keys[] = {"match", "name", "registry", "action", "reason", "settings"};

static const struct {
	const char *word, *expected;
} cases[] = {
    {"match", "match"},
    {"macth", "match"},
    {"nam", "name"},
    {"names", "name"},
    {"setting", "settings"},
    {"Registry", "registry"},
    {"registries", "registry"},
    {"season", "reason"},
    {"", "name"},
};

START_TEST(finds_what_was_meant)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		ck_assert_str_eq(
		    nearest(cases[i].word, strlen(cases[i].word), keys, 6), cases[i].expected);
	ck_assert_str_eq(nearest("action!", 6, keys, 6), "action");
}
END_TEST

START_TEST(knows_no_word_or_a_very_long_one)
{
	char word[3 * NEAREST_MAX];

	memset(word, 'x', sizeof(word));
	ck_assert_ptr_null(nearest("a", 1, keys, 0));
	ck_assert_ptr_nonnull(nearest(word, sizeof(word), keys, 6));
}
END_TEST

UNIT(nearest, finds_what_was_meant, knows_no_word_or_a_very_long_one);

#include "unit.h"

#include <stdbool.h>
#include <string.h>

#include "page.h"

static bool holds(const struct page_file *file, const char *text)
{
	return memmem(file->octets, file->len, text, strlen(text)) != NULL;
}

START_TEST(what_there_is)
{
	static const char *const types[][2] = {
	    {"/", "text/html; charset=utf-8"},
	    {"/page.css", "text/css; charset=utf-8"},
	    {"/page.js", "text/javascript; charset=utf-8"},
	    {"/icon.svg", "image/svg+xml"},
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		const struct page_file *file = page_find(types[i][0]);

		ck_assert_ptr_nonnull(file);
		ck_assert_str_eq(file->type, types[i][1]);
		ck_assert_uint_gt(file->len, 100);
		ck_assert_int_eq(file->octets[file->len - 1], '\n');
	}
	ck_assert_ptr_null(page_find(""));
	ck_assert_ptr_null(page_find("/page.css/"));
	ck_assert_ptr_null(page_find("/index.html"));
}
END_TEST

/* It loads nothing but its own three, and has nothing inline that the policy would stop. */
START_TEST(nothing_from_elsewhere)
{
	static const struct {
		const char *path, *never;
	} cases[] = {
	    {"/", "http:"},
	    {"/", "https:"},
	    {"/", "style="},
	    {"/", "<style"},
	    {"/", "<script>"},
	    {"/", "onclick"},
	    {"/page.css", "@import"},
	    {"/page.css", "url("},
	    {"/page.js", "innerHTML"},
	    {"/page.js", "insertAdjacentHTML"},
	    {"/page.js", "eval("},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		ck_assert_msg(!holds(page_find(cases[i].path), cases[i].never), "%s: %s",
		    cases[i].path, cases[i].never);
	ck_assert(holds(page_find("/"), "<noscript>"));
	ck_assert(holds(page_find("/"), "ecr-upsertd status"));
}
END_TEST

UNIT(page, what_there_is, nothing_from_elsewhere);

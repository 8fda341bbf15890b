#include "unit.h"

#include <string.h>

#include "json_tree.h"

START_TEST(children_keep_their_place)
{
	struct json *root = calloc(1, sizeof(*root));

	root->kind = JSON_ARRAY;
	for (int i = 0; i < 100; i++) {
		struct json *child = json_append_child(root);

		ck_assert_ptr_nonnull(child);
		ck_assert_ptr_null(child->string);
		child->kind = JSON_NUMBER;
		child->number = i;
	}
	for (int i = 0; i < 100; i++)
		ck_assert_double_eq(json_number(json_at(root, i), -1), i);
	json_free(root);
	json_free(NULL);
}
END_TEST

START_TEST(a_string_that_holds_a_nul_is_no_text)
{
	struct json *root = calloc(1, sizeof(*root));

	root->kind = JSON_STRING;
	root->string = strdup("text");
	root->string_len = 4;
	ck_assert_str_eq(json_string(root), "text");
	root->string[1] = '\0';
	ck_assert_ptr_null(json_string(root));
	json_free(root);
}
END_TEST

UNIT(json_tree, children_keep_their_place, a_string_that_holds_a_nul_is_no_text);

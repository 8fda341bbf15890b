#include "unit.h"

#include <string.h>

#include "operation.h"

struct path {
	const char *path;
	enum operation operation;
	const char *name;
};

static const struct path paths[] = {
    {"", OPERATION_PING, ""},
    {"_catalog", OPERATION_CATALOG, ""},
    {"app/tags/list", OPERATION_TAGS, "app"},
    {"team/app/tags/list", OPERATION_TAGS, "team/app"},
    {"app/referrers/sha256:a", OPERATION_REFERRERS, "app"},
    {"app/blobs/sha256:a", OPERATION_BLOB, "app"},
    {"app/blobs/uploads/", OPERATION_UPLOAD_START, "app"},
    {"app/blobs/uploads", OPERATION_UPLOAD_START, "app"},
    {"app/blobs/uploads/0-1-2", OPERATION_UPLOAD, "app"},
    {"app/manifests/latest", OPERATION_MANIFEST, "app"},
    {"app/manifests/sha256:a", OPERATION_MANIFEST, "app"},
    /* Names that hold the words. */
    {"blobs/blobs/uploads/", OPERATION_UPLOAD_START, "blobs"},
    {"blobs/uploads/blobs/uploads/", OPERATION_UPLOAD_START, "blobs/uploads"},
    {"a/blobs/uploads/blobs/sha256:a", OPERATION_BLOB, "a/blobs/uploads"},
    {"a/blobs/uploads/manifests/1", OPERATION_MANIFEST, "a/blobs/uploads"},
    {"a/blobs/uploads/uploads", OPERATION_UPLOAD, "a"},
    {"a/blobs/uploads/tags/list", OPERATION_TAGS, "a/blobs/uploads"},
    {"manifests/manifests/manifests", OPERATION_MANIFEST, "manifests"},
    {"tags/list/tags/list", OPERATION_TAGS, "tags/list"},
    {"a/manifests/blobs/uploads/", OPERATION_UPLOAD_START, "a/manifests"},
    {"a/tags/list/manifests/list", OPERATION_MANIFEST, "a/tags/list"},
    /* Nothing that we know. */
    {"app", OPERATION_OTHER, ""},
    {"app/", OPERATION_OTHER, ""},
    {"_catalog/", OPERATION_OTHER, ""},
    {"_catalogs", OPERATION_OTHER, ""},
    {"tags/list", OPERATION_OTHER, ""},
    {"blobs/uploads/", OPERATION_OTHER, ""},
    {"blobs/uploads", OPERATION_OTHER, ""},
    {"blobs/sha256:a", OPERATION_OTHER, ""},
    {"manifests/1", OPERATION_OTHER, ""},
    {"app/manifests/", OPERATION_OTHER, ""},
    {"app/manifests", OPERATION_OTHER, ""},
    {"app/manifests/1/", OPERATION_OTHER, ""},
    {"app/blobs/", OPERATION_OTHER, ""},
    {"app/tags/", OPERATION_OTHER, ""},
    {"app/tags/list/", OPERATION_OTHER, ""},
    {"app/tags/lists", OPERATION_OTHER, ""},
    {"app/blobs/uploads/1/", OPERATION_OTHER, ""},
    {"app/Blobs/uploads/", OPERATION_OTHER, ""},
    {"app/referrers/", OPERATION_OTHER, ""},
};

START_TEST(reads_from_the_right)
{
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		size_t len = 7;

		ck_assert_msg(
		    operation_of(paths[i].path, strlen(paths[i].path), &len) == paths[i].operation,
		    "%s", paths[i].path);
		ck_assert_msg(len == strlen(paths[i].name), "%s", paths[i].path);
		ck_assert_int_eq(strncmp(paths[i].path, paths[i].name, len), 0);
	}
}
END_TEST

START_TEST(reads_no_further_than_told)
{
	size_t len;

	ck_assert_int_eq(
	    operation_of("app/blobs/uploads/?x/manifests/1", 18, &len), OPERATION_UPLOAD_START);
	ck_assert_uint_eq(len, 3);
}
END_TEST

START_TEST(every_operation_has_a_word)
{
	ck_assert_str_eq(operation_name(OPERATION_PING), "ping");
	ck_assert_str_eq(operation_name(OPERATION_UPLOAD_START), "upload-start");
	for (enum operation i = OPERATION_PING; i <= OPERATION_OTHER; i++)
		ck_assert_ptr_nonnull(operation_name(i));
}
END_TEST

UNIT(operation, reads_from_the_right, reads_no_further_than_told, every_operation_has_a_word);

#include "operation.h"

#include <stdbool.h>
#include <string.h>

const char *operation_name(enum operation operation)
{
	static const char *const names[] = {
	    [OPERATION_PING] = "ping",
	    [OPERATION_CATALOG] = "catalog",
	    [OPERATION_TAGS] = "tags",
	    [OPERATION_REFERRERS] = "referrers",
	    [OPERATION_BLOB] = "blob",
	    [OPERATION_UPLOAD_START] = "upload-start",
	    [OPERATION_UPLOAD] = "upload",
	    [OPERATION_MANIFEST] = "manifest",
	    [OPERATION_OTHER] = "other",
	};

	return names[operation];
}

enum { TAIL_MAX = 3 };

/* What follows the name, last segment first. "*" is any but an empty one. */
struct pattern {
	enum operation operation;
	const char *tail[TAIL_MAX];
};

static const struct pattern patterns[] = {
    {OPERATION_UPLOAD_START, {"", "uploads", "blobs"}},
    {OPERATION_UPLOAD_START, {"uploads", "blobs"}},
    {OPERATION_UPLOAD, {"*", "uploads", "blobs"}},
    {OPERATION_BLOB, {"*", "blobs"}},
    {OPERATION_MANIFEST, {"*", "manifests"}},
    {OPERATION_REFERRERS, {"*", "referrers"}},
    {OPERATION_TAGS, {"list", "tags"}},
};

static bool segment_fits(const char *segment, size_t len, const char *wanted)
{
	if (strcmp(wanted, "*") == 0)
		return len > 0;
	return len == strlen(wanted) && memcmp(segment, wanted, len) == 0;
}

/* Length of what stands before the pattern's tail and its slash; 0 when it does not fit. */
static size_t name_before(const char *path, size_t len, const struct pattern *pattern)
{
	for (size_t i = 0; i < TAIL_MAX && pattern->tail[i]; i++) {
		const char *slash = memrchr(path, '/', len);

		if (!slash || !segment_fits(slash + 1, path + len - slash - 1, pattern->tail[i]))
			return 0;
		len = slash - path;
	}
	return len;
}

enum operation operation_of(const char *path, size_t len, size_t *ret_name_len)
{
	*ret_name_len = 0;
	if (len == 0)
		return OPERATION_PING;
	if (len == strlen("_catalog") && memcmp(path, "_catalog", len) == 0)
		return OPERATION_CATALOG;
	for (size_t i = 0; i < sizeof(patterns) / sizeof(*patterns); i++) {
		size_t name_len = name_before(path, len, &patterns[i]);

		if (name_len > 0) {
			*ret_name_len = name_len;
			return patterns[i].operation;
		}
	}
	return OPERATION_OTHER;
}

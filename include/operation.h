#pragma once
/*
 * The end-points of the OCI distribution spec, read from the right because a name may hold slashes,
 * and words like "blobs" too. Pure.
 */
#include <stddef.h>

enum operation {
	OPERATION_PING,         /* /v2/ */
	OPERATION_CATALOG,      /* /v2/_catalog */
	OPERATION_TAGS,         /* /v2/NAME/tags/list */
	OPERATION_REFERRERS,    /* /v2/NAME/referrers/DIGEST */
	OPERATION_BLOB,         /* /v2/NAME/blobs/DIGEST */
	OPERATION_UPLOAD_START, /* /v2/NAME/blobs/uploads/ */
	OPERATION_UPLOAD,       /* /v2/NAME/blobs/uploads/ID */
	OPERATION_MANIFEST,     /* /v2/NAME/manifests/REFERENCE */
	OPERATION_OTHER,        /* anything else below /v2/ */
};

/* Lower-case word for logs and metrics. */
const char *operation_name(enum operation operation);

/*
 * Of a path below /v2/, without query. *ret_name_len: how much of it is the repository's name; 0
 * for PING, CATALOG and OTHER.
 */
enum operation operation_of(const char *path, size_t len, size_t *ret_name_len);

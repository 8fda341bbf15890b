#pragma once
/* A request's path and query in the canonical forms that SigV4 signs. Pure. */
#include <stdbool.h>

#include "str.h"

/*
 * The path ("" means "/"), every octet but unreserved ones (RFC 3986 §2.3) and '/' percent-encoded:
 * one that was encoded for sending is so a second time, as all services but S3 expect. Unless
 * keep_segments, dot segments and repeated slashes are taken out first (as botocore does: "/a/b/.."
 * is "/a"). Appends; 0, −EINVAL when it
 * does not begin with '/', −ENOMEM.
 */
int sigv4_canonical_path(const char *path, bool keep_segments, struct str *ret);

/*
 * The query (NULL is empty), sorted by name, then value, and each of them percent-encoded once,
 * however it was sent; '+' is a plus sign, an empty parameter ("a=1&&b=2") none. Appends; 0,
 * −EINVAL for a '%' without two digits, −ENOMEM.
 */
int sigv4_canonical_query(const char *query, struct str *ret);

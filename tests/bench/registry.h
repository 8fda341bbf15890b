#pragma once
#include <stdint.h>

#include "conn.h"
#include "request.h"

/*
 * Answers one request whose body, of `received` bytes, was dropped. The last component of a
 * repository's name says what its blobs are: `size-N` (N zeros with Content-Length) or `chunked-N`
 * (N zeros in chunks). Without Authorization everything is 401.
 */
int registry_answer(
    struct conn *c, const struct request *request, const char *scheme, uint64_t received);

#pragma once
/* What curl calls while a transfer is driven, and what its end is called. Pure but for that. */
#include "transfer.h"

/* curl wants octets of the request's body. */
size_t transfer_give(char *buffer, size_t size, size_t count, void *transfer);
/* curl has read one line of a head, or of a trailer, which ends here. */
size_t transfer_take_field(char *line, size_t size, size_t count, void *transfer);
/* curl has read octets of the answer's body, CURL_MAX_WRITE_SIZE at most. */
size_t transfer_take_body(char *bytes, size_t size, size_t count, void *transfer);

/* Notes why it failed; the first reason stays. Always −EIO. */
int transfer_fail(struct transfer *transfer, enum transfer_failure failure, const char *text);
int transfer_fail_curl(struct transfer *transfer, CURLcode code);

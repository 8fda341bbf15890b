#pragma once
/* What curl calls while a transfer is driven, and what its end is called. Pure but for that. */
#include "transfer.h"

/* curl wants octets of the request's body. */
size_t transfer_give(char *buffer, size_t size, size_t count, void *transfer);
/*
 * Has curl all that transfer_send() has to give it for now? A record and a send() for a few octets
 * cost as much as for 16 KiB, and with Docker's chunks of 32 KiB every third would be such: so what
 * a large piece leaves over of a record is held and goes with the next one.
 */
bool transfer_is_handed_over(const struct transfer *transfer);
/* Takes leave of the caller's octets: a copy of what is to go with the next ones stays. */
void transfer_hold_rest(struct transfer *transfer);
/* curl has read one line of a head, or of a trailer, which ends here. */
size_t transfer_take_field(char *line, size_t size, size_t count, void *transfer);
/* curl has read octets of the answer's body, CURL_MAX_WRITE_SIZE at most. */
size_t transfer_take_body(char *bytes, size_t size, size_t count, void *transfer);

/*
 * curl has something to say, from the end of the head on. Of octets beyond the end of an answer
 * that came with it curl 7.88.1 only says so and drops them, and after HEAD, 204, 304 and chunked
 * ones keeps the connection, whatever part of them may still be on its way.
 */
int transfer_take_note(CURL *easy, curl_infotype type, char *note, size_t len, void *transfer);

/* Notes why it failed; the first reason stays. Always −EIO. */
int transfer_fail(struct transfer *transfer, enum transfer_failure failure, const char *text);
int transfer_fail_curl(struct transfer *transfer, CURLcode code);

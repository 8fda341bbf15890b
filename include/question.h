#pragma once
/*
 * One request to the registry, from the token to the beginning of the answer. All return 0, −EPERM
 * with x->refusal set, or −ENOMEM.
 */
#include <sys/types.h>

#include "exchange_state.h"

/* Makes sure of a token, waiting for one within the deadline. */
int question_sign_in(struct exchange *x);

/* Opens the transfer for a body that is passed on as it comes. */
int question_begin_stream(struct exchange *x);

/*
 * Asks (a streamed body was sent before) and reads the head, and a body that is short or an
 * error's, into x->begun. −EIO: the connection was closed without a byte, which may have a meaning.
 */
int question_ask(struct exchange *x);

/* Octets of the answer's body, first what had begun: > 0, 0 at the end, −EPERM when it was cut. */
ssize_t question_read(struct exchange *x, char *buffer, size_t max);

/* Refuses by the way the transfer failed: 504 for what may pass, 502 for what must not. */
int question_refuse(struct exchange *x);

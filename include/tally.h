#pragma once
/*
 * What an exchange moves and how it ends: counted while it moves, for the transfers of /status and
 * for the metrics, and written down when it ends, as its access line.
 */
#include "exchange_state.h"

/* Octets of body have come from the client, have gone to it. */
void tally_in(struct exchange *x, size_t len);
void tally_out(struct exchange *x, size_t len);

/* It is over. */
void tally_end(struct exchange *x, enum http_end how);

#pragma once
/* A call of ECR's API for the repository under way, again as long as that may help. */
#include "making.h"

/* what: as given to making_repeat(). */
typedef enum ecr_outcome (*making_call)(
    const struct making *making, const void *what, struct err *why);

/*
 * Until its outcome is neither ECR_TRANSIENT nor ECR_UNCLEAR or the deadline comes, with growing
 * pauses.
 * *ret_unclear: an earlier try may have been carried out; NULL: not asked for.
 */
enum ecr_outcome making_repeat(const struct making *making, making_call call, const void *what,
    bool *ret_unclear, struct err *why);

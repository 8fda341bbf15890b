#pragma once
/* Waiting for somebody else, the cloud side mostly, to create the repository under way. */
#include "making.h"

/*
 * Until it exists or the deadline has come. why: what keeps this daemon from creating it. 0, also
 * when it may not be looked for: then the push itself finds out, by being repeated; −EPERM: 504.
 */
int making_wait(struct making *making, const char *why);

#pragma once
/* Waiting for somebody else, the cloud side mostly, to create the repository under way. */
#include "making.h"

/*
 * Until it exists or the deadline has come. why: what keeps this daemon from creating it. −EPERM:
 * 504. 0: it exists; or it may not be looked for, and the push finds out by being repeated, with
 * that 504 in making->refusal in case its time ends first.
 */
int making_wait(struct making *making, const char *why);

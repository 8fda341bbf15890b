#pragma once
/*
 * What clients hear while the daemon cannot start. The service manager keeps the listening sockets
 * that it passed, and starts us again and again: whoever came meanwhile would wait for ever.
 */
#include "passed_sockets.h"

/*
 * Answers those who wait at the passed sockets, for APOLOGY_MS at most: 403, which no client tries
 * again on its own, and where to read why. Not why: nobody has been asked who may connect.
 */
void apologize(const struct passed_sockets *passed);

#pragma once
#include "service.h"

/*
 * SIGHUP: the configuration is read again and put in force, what was refused may be tried again.
 * A broken one is named in the log and leaves the old one in force.
 */
void reload(struct service *service);

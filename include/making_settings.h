#pragma once
/* What the repository under way is to be. */
#include "making.h"

/*
 * Built-in, the configuration's defaults, the registry's own template where it is asked for, the
 * rule's; variables filled in and tags checked. 0 (finish *ret) or −EPERM with the refusal.
 */
int making_settings(struct making *making, struct repository_settings *ret);

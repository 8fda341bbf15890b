#pragma once
#include "status.h"

/*
 * The status in one line, for `systemctl status`: ready or not, how much is under way, until when
 * the first registries' tokens are good. Without control octets. Appends. 0 or −ENOMEM.
 */
int status_line_write(const struct status_context *context, struct str *ret);

#pragma once
/* May a request be forwarded, where to, and with which fields? */
#include "exchange_state.h"

/*
 * Gate and route; fills in what the exchange knows of them and the fields for the registry. 0,
 * −EPERM with x->refusal set, or −ENOMEM.
 */
int admit(struct exchange *x, const struct http_request *request);

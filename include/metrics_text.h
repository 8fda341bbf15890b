#pragma once
/* The counters of metrics.h and what is under way, as a scraper reads them. */
#include "metrics_form.h"
#include "status.h"

/* Appends all of them. 0 or −ENOMEM. */
int metrics_text_write(
    const struct status_context *context, enum metrics_form form, struct str *ret);

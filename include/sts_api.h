#pragma once
/* STS GetCallerIdentity (API 2011-06-15): whose keys these are. */
#include <stdint.h>

#include "aws_api.h"

enum { AWS_ACCOUNT_SIZE = 13 };

/* url: scheme://host[:port] of STS in that region. 0 or −errno with a text. */
int sts_get_caller_account(struct aws_api *api, const char *url, const char *region,
    int64_t deadline_ms, char ret_account[static AWS_ACCOUNT_SIZE], struct err *e);

#pragma once
/* STS GetCallerIdentity (API 2011-06-15): whose keys these are. */
#include <stdint.h>

#include "aws_api.h"

enum { AWS_ACCOUNT_SIZE = 13 };

struct sts_caller {
	char account[AWS_ACCOUNT_SIZE];
	char *arn;              /* NULL where STS does not tell */
	int64_t clock_offset_s; /* STS's clock less ours; 0 where it does not tell the time */
};

/* url: scheme://host[:port] of STS in that region. 0 or −errno with a text. */
int sts_get_caller(struct aws_api *api, const char *url, const char *region, int64_t deadline_ms,
    struct sts_caller *ret, struct err *e);
void sts_caller_finish(struct sts_caller *caller);

/* The account alone. */
int sts_get_caller_account(struct aws_api *api, const char *url, const char *region,
    int64_t deadline_ms, char ret_account[static AWS_ACCOUNT_SIZE], struct err *e);

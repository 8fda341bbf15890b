#pragma once
/* STS AssumeRole and AssumeRoleWithWebIdentity (API 2011-06-15): the keys of a role, for a while.
 */
#include "aws_api.h"
#include "credentials.h"

struct sts_role {
	const char *arn;
	const char *session_name;
	const char *external_id; /* or NULL */
	unsigned duration_s;     /* 0: as STS has it, an hour */
	/* What an identity provider says of the caller: AssumeRoleWithWebIdentity, whose api does
	   not sign. NULL: AssumeRole. */
	const char *web_identity;
};

/*
 * url and region: of STS. The credentials' expiry is by this machine's clock, right or wrong.
 * −EAGAIN worth repeating, −EACCES unknown or expired keys, −EPERM the role or its trust policy
 * says no, −EBADMSG no answer of STS's, else as aws_api_call(); with a text.
 */
int sts_assume_role(struct aws_api *api, const char *url, const char *region,
    const struct sts_role *role, int64_t deadline_ms, struct credentials **ret, struct err *e);

#pragma once
/*
 * Credentials of an EC2 instance's role, from the instance metadata service (IMDS) of version 2,
 * and of version 1 where 2 is not to be had; source "iam-role". Source: "Use IMDS", Amazon EC2 user
 * guide; the order of tries is botocore's.
 */
#include "credentials.h"

/*
 * A provider. −ENOENT, within 2 s, where there is no such service or it has no credentials: the
 * text then says what it did, to follow a colon.
 */
int cred_imds(const struct credential_sources *sources, struct credentials **ret, struct err *e);

enum {
	/* Advisory refresh of every AWS SDK, and what is added so that not all ask at once. */
	CRED_IMDS_WINDOW_S = 15 * 60,
	CRED_IMDS_JITTER_MIN_S = 2 * 60,
	CRED_IMDS_JITTER_MAX_S = 10 * 60,
};

/*
 * Until when to use what expires then: longer than it says once it is about to. When EC2 cannot
 * issue new ones, IMDS goes on to hand out the old ones, and AWS goes on to take them. Pure.
 */
int64_t cred_imds_expiry_s(int64_t expires_s, int64_t now_s, int64_t jitter_s);

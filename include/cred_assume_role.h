#pragma once
/*
 * A role that a profile names (role_arn) with what is to assume it: another profile's keys or role
 * (source_profile), or the machine's (credential_source). Source "assume-role". As botocore's
 * AssumeRoleProvider, but for MFA: a daemon has nobody to ask.
 */
#include "credentials.h"

enum { ROLE_CHAIN_MAX = 16 }; /* profiles that name each other; far beyond any that is meant */

/* A provider. */
int cred_assume_role(
    const struct credential_sources *sources, struct credentials **ret, struct err *e);

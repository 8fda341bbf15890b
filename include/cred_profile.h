#pragma once
/*
 * Static keys of the profile in use; source "shared-credentials-file" or "config-file". What
 * botocore would prefer to them in the same profile (role_arn, sso_…, credential_process, …) is
 * refused as not supported yet, with the key's name.
 */
#include "credentials.h"

/* A provider. */
int cred_profile(const struct credential_sources *sources, struct credentials **ret, struct err *e);

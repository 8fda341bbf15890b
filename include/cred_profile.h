#pragma once
/* Static keys of the profile in use, each file's with its own place in the order. */
#include "credentials.h"

/* A provider; source "shared-credentials-file". */
int cred_credentials_file(
    const struct credential_sources *sources, struct credentials **ret, struct err *e);
/* A provider; source "config-file". */
int cred_config_file(
    const struct credential_sources *sources, struct credentials **ret, struct err *e);

#pragma once
/* Keys in the environment: AWS_ACCESS_KEY_ID and what goes with it; source "env". */
#include "credentials.h"

/* A provider. */
int cred_env(const struct credential_sources *sources, struct credentials **ret, struct err *e);

#pragma once
/* A role assumed at the STS that the settings name, with keys or with a web identity. */
#include "credentials.h"
#include "sts_role.h"

/*
 * `with`: whose keys sign; NULL with role->web_identity. A NULL session_name is made up. As
 * sts_assume_role().
 */
int cred_role_assume(const struct credential_sources *sources, struct credentials *with,
    const struct sts_role *role, struct credentials **ret, struct err *e);

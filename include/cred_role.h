#pragma once
/* A role assumed at the STS that the settings name, with keys or with a web identity. */
#include "credential_chain.h"
#include "sts_role.h"

/*
 * `with`: what signs; NULL with role->web_identity. A NULL session_name is made up. As
 * sts_assume_role().
 */
int cred_role_assume(const struct credential_sources *sources, struct credential_chain *with,
    const struct sts_role *role, struct credentials **ret, struct err *e);

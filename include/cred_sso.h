#pragma once
/*
 * Credentials of a role that a person has signed in for by `aws sso login` (GetRoleCredentials, IAM
 * Identity Center portal API 2019-06-10); source "sso".
 */
#include "credentials.h"

/* A provider. Without a valid token it is an error that says how to sign in. */
int cred_sso(const struct credential_sources *sources, struct credentials **ret, struct err *e);

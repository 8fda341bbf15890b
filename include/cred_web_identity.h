#pragma once
/*
 * A role assumed with the token of an identity provider that somebody keeps in a file (Kubernetes
 * for a service account): AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN, AWS_ROLE_SESSION_NAME, each
 * before the profile's key; source "assume-role-with-web-identity".
 */
#include "credentials.h"

enum { WEB_IDENTITY_TOKEN_MAX = 20000 }; /* of WebIdentityToken, STS API reference */

/* A provider. The file is read each time. */
int cred_web_identity(
    const struct credential_sources *sources, struct credentials **ret, struct err *e);

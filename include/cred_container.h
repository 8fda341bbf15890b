#pragma once
/*
 * Credentials of a container (ECS task role, EKS Pod Identity), from where
 * AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI says; source "container-role". Source:
 * "Container credential provider", AWS SDKs and Tools reference guide.
 */
#include "credentials.h"
#include "str.h"

/*
 * A provider. Once a variable is set there is no other way: whatever fails is an error. It asks up
 * to three times, for 8 s in all.
 */
int cred_container(
    const struct credential_sources *sources, struct credentials **ret, struct err *e);

/*
 * The URL to ask, from one of the two (relative wins; either may be NULL, not both), appended.
 * −EINVAL with the reason for a relative one without '/', a full one over plain http whose host is
 * neither this machine nor one of AWS's own, and for what is no URL; −ENOMEM.
 */
int cred_container_url(const char *relative, const char *full, struct str *ret, struct err *e);

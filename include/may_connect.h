#pragma once
/* Is this one of the local users that the configuration lets in (allow_users)? */
#include <sys/types.h>

#include "oci_error.h"

/*
 * allowed: as the configuration has it, NULL: everybody. owner: of the client's socket, NULL: it
 * cannot be told, and then nobody is meant. 0, or −EPERM with who may and where that is said.
 */
int may_connect(char *const *allowed, const uid_t *owner, struct oci_error *refusal);

#pragma once
/*
 * From a request to the registry, the repository and the operation, and back: Location and Link in
 * the form that the client used. Pure.
 *
 * The first component of a path is a registry host when it contains "dkr.ecr" or "dkr-ecr" in any
 * case, or an octet that no repository name has; then it must be a host of the closed list, byte
 * for byte. So must the value of ns. All else belongs to the name in the default registry.
 */
#include <stdbool.h>

#include "oci_error.h"
#include "operation.h"
#include "registry.h"
#include "repository_name.h"

/* Does a first component count as a registry's host? */
bool route_is_host(const char *component, size_t len);

/* Zeroed means empty; route_finish() frees. */
struct route {
	const struct registry *registry;
	enum operation operation;
	char *repository; /* as ECR sees it; NULL for PING, CATALOG, OTHER */
	char *target;     /* origin-form for the registry, prefix and ns taken off */
	char *prefix;     /* the registry host the client wrote as first path component, or NULL */
	bool ns;          /* the client named the registry in ?ns= */
};

/*
 * list: at least the default one. target: origin-form that passed the gate. A mount from another
 * registry becomes a plain POST; one from the same loses the host. Else the query stays byte for
 * byte. 0, −EPERM with the refusal, −ENOMEM.
 */
int route_resolve(const struct registries *list, const char *method, const char *target,
    struct route *ret, struct oci_error *refusal);

/*
 * A Location of the registry's as the client must see it: path-only, with prefix and ns as it wrote
 * them. What points elsewhere (blob storage) comes back as it is. 0 or −ENOMEM; free *ret.
 */
int route_location(const struct route *route, const char *location, char **ret);

/* The same within each <…> of a Link field (RFC 8288 §3). */
int route_link(const struct route *route, const char *link, char **ret);

/* The name in the client's own form, for messages: [prefix/]repository. 0 or −ENOMEM. */
int route_client_name(const struct route *route, char **ret);

void route_finish(struct route *route);

#pragma once
/*
 * From a request to the registry, the repository and the operation, and back: Location and Link in
 * the form that the client used. The grammar is the OCI distribution spec's end-points, read from
 * the right because a name may hold slashes. Pure.
 */
#include <stdbool.h>

#include "oci_error.h"
#include "registry.h"

enum operation {
	OPERATION_PING,         /* /v2/ */
	OPERATION_CATALOG,      /* /v2/_catalog */
	OPERATION_TAGS,         /* /v2/NAME/tags/list */
	OPERATION_REFERRERS,    /* /v2/NAME/referrers/DIGEST */
	OPERATION_BLOB,         /* /v2/NAME/blobs/DIGEST */
	OPERATION_UPLOAD_START, /* /v2/NAME/blobs/uploads/ */
	OPERATION_UPLOAD,       /* /v2/NAME/blobs/uploads/ID */
	OPERATION_MANIFEST,     /* /v2/NAME/manifests/REFERENCE */
	OPERATION_OTHER,        /* anything else below /v2/ */
};

/* Lower-case word for logs and metrics. */
const char *operation_name(enum operation operation);

/* Zeroed means empty; route_finish() frees. */
struct route {
	const struct registry *registry;
	enum operation operation;
	char *repository; /* as ECR sees it; NULL for PING, CATALOG, OTHER */
	char *target;     /* origin-form for the registry, prefix and ns taken off */
	char *prefix;     /* the registry host the client wrote as first path component, or NULL */
	bool ns;          /* the client named the registry in ?ns= */
};

/* target: origin-form that passed the gate. 0, −EPERM with the refusal, −ENOMEM. */
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

/* ECR's own pattern and length (CreateRepository, repositoryName: 2 to 256). */
bool repository_name_is_valid(const char *name);

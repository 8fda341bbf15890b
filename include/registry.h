#pragma once
/* A registry that this daemon serves: its name, where to reach it, where its API is. Immutable. */
#include <stdbool.h>
#include <stddef.h>

#include "cleanup.h"

/* How to dial: the address never comes from a request. */
struct endpoint {
	bool tls;
	char *host; /* name or address to connect to, without brackets */
	unsigned port;
};

struct aws_api;

struct registry {
	char *host; /* 123456789012.dkr.ecr.eu-west-1.amazonaws.com: Host, SNI, certificate name */
	char *account; /* 12 digits */
	char *region;
	struct endpoint dial;
	char *ecr_url;       /* of the control API, scheme://host[:port] */
	struct aws_api *api; /* signs the calls to it as the registry's own identity; borrowed */
};

struct registries {
	struct registry *
	    *items; /* the first is the default one; only the array is the list's own */
	size_t len;
	/* Names beyond the list: a registry that lives as long as those, or NULL. NULL: there are
	 * none. */
	const struct registry *(*other)(void *userdata, const char *host, size_t host_len);
	void *userdata;
};

/* By its name, byte for byte; NULL when it is neither listed nor an allowed other one. */
const struct registry *registries_find(
    const struct registries *list, const char *host, size_t host_len);

void registry_free(struct registry *registry);
/* Frees the list. NULL is allowed. */
void registries_finish(struct registries *list);
DEFINE_CLEANUP(struct registry *, registry_free);

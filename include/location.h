#pragma once
/*
 * A registry's own addresses as the client must see them: path-only, which is the one form that
 * every client follows to where it came from, with its credentials or none. Pure.
 */
#include "registry.h"

/* How the client wrote the request that is answered. */
struct client_form {
	const struct registry *registry;
	const char *target; /* as the registry saw it: relative references begin there */
	const char *prefix; /* registry host as first component of the path, or NULL */
	bool ns;            /* registry host in ?ns= */
};

/*
 * A URI reference (RFC 3986 §4.1). Below /v2/ of the registry, under its name or the address that
 * is dialled: the path with prefix and ns. All else (blob storage, other hosts and schemes) as it
 * is. 0 or −ENOMEM; free *ret.
 */
int location_for_client(const struct client_form *form, const char *location, char **ret);

/* The same for each <…> of a Link field's value (RFC 8288 §3). */
int link_for_client(const struct client_form *form, const char *link, char **ret);

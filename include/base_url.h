#pragma once
/* scheme://host[:port], as endpoints are configured. Pure. */
#include <stdbool.h>

#include "str.h"

enum { BASE_URL_HOST_SIZE = 256 };

struct base_url {
	bool tls;
	char host[BASE_URL_HOST_SIZE]; /* name or address, without brackets */
	unsigned port;                 /* the scheme's own when it is not given */
};

/* A '/' at the end is allowed; user, path, query and fragment are not. 0 or −EINVAL. */
int base_url_parse(const char *url, struct base_url *ret);

/* As it stands in a Host field: the port only when it is not the scheme's. Appends; 0 or −ENOMEM.
 */
int base_url_write_host(const struct base_url *url, struct str *ret);

/* Written anew, scheme first and without a '/' at its end. Appends; 0 or −ENOMEM. */
int base_url_write(const struct base_url *url, struct str *ret);

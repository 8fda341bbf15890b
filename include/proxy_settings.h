#pragma once
/*
 * The proxy variables of the environment as libcurl reads them (https_proxy before HTTPS_PROXY,
 * all_proxy, no_proxy; CURLOPT_PROXY and CURLOPT_NOPROXY), so that a person can be told what they
 * do. Pure.
 */
#include <stdbool.h>

#include "str.h"

/* NULL or "": not set, as getenv() says. */
struct proxy_settings {
	const char *variable; /* whose value counts for https: "HTTPS_PROXY", …; NULL: no proxy */
	const char *url;      /* of it */
	const char *no_proxy; /* or NULL */
};

void proxy_settings_read(const char *(*getenv)(const char *name), struct proxy_settings *ret);

/* Does the list keep this host from the proxy? Also NULL is a list. */
bool proxy_list_has(const char *no_proxy, const char *host);

/* Appends the URL without its user and password. 0 or −ENOMEM. */
int proxy_write_url(const char *url, struct str *ret);

/* The host of the URL, without scheme, user, port and brackets. Appends; 0 or −ENOMEM. */
int proxy_write_host(const char *url, struct str *ret);

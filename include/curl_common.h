#pragma once
/*
 * What every transfer by libcurl has in common: what it must never do by itself, whom it trusts,
 * and how its errors read. Only for the files that use libcurl: upstream, slot, transfer, fetch.
 */
#include <curl/curl.h>
#include <stdbool.h>

#include "err.h"
#include "tls.h"

/* curl_global_init(), once for the process. 0 or −ENOMEM. */
int curl_ready(void);

/*
 * No signal, no redirect, no protocol but HTTP/1.1 and HTTPS, no proxy for a `direct` connection
 * (else HTTPS_PROXY and NO_PROXY count), trust from tls. 0 or −ENOMEM. tls is borrowed.
 */
int curl_set_common(CURL *easy, struct tls *tls, bool direct);

/* Is it this machine? "localhost", 127.0.0.0/8, ::1; without brackets. */
bool curl_host_is_loopback(const char *host);

/* Appends a field as curl wants it, an empty value too. 0 or −ENOMEM. */
int curl_fields_add(struct curl_slist **list, const char *name, const char *value);
/* Keeps curl from adding fields of its own: Expect costs a second where nobody answers it. */
int curl_fields_keep_out(struct curl_slist **list);
/* Wipes the texts: one may be a credential. NULL is allowed. */
void curl_fields_free(struct curl_slist *list);
DEFINE_CLEANUP(struct curl_slist *, curl_fields_free);

/* One line on what went wrong with host and what to do; detail: curl's own words, may be "". */
void curl_explain(struct err *e, CURLcode code, const char *host, const char *detail);

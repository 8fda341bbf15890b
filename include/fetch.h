#pragma once
/*
 * Small bounded requests, blocking: the control API, STS, IMDS and the like. The whole
 * answer comes back in memory.
 */
#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "headers.h"
#include "stop.h"
#include "str.h"
#include "tls.h"

struct fetcher {
	struct tls *tls;
	const struct stop *stop; /* ends a running fetch */
};

struct fetch_request {
	const char *method;
	const char *url;
	const struct headers *headers;
	const char *body; /* or NULL */
	size_t body_len;
	int64_t deadline_ms; /* monotonic */
	size_t max_body;
	bool direct;             /* never through a proxy: what is asked belongs to this machine */
	const char *unix_socket; /* to connect to, whatever the URL's host; or NULL */
};

struct fetch_reply {
	unsigned status;
	struct headers headers;
	struct str body;
};

/*
 * 0 with any HTTP status; −ETIMEDOUT, −ECONNREFUSED (no connection), −EPROTO (TLS, malformed),
 * −EMSGSIZE (longer than max_body), −ECANCELED (stop), −EIO else, with a text that names the host
 * and says what to do. No redirect is followed; no proxy is used for plain http.
 */
int fetch(const struct fetcher *fetcher, const struct fetch_request *request,
    struct fetch_reply *ret, struct err *e);

void fetch_reply_finish(struct fetch_reply *reply);

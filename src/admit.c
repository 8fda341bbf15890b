#include "admit.h"

#include <errno.h>
#include <string.h>

#include "clock.h"
#include "may_connect.h"

/* Fields for the registry; Authorization goes, since it is the daemon that signs in. */
static int admit_headers(struct exchange *x, const struct headers *from)
{
	int r;

	r = headers_copy_end_to_end(from, &x->headers);
	headers_remove(&x->headers, "Host");
	headers_remove(&x->headers, "Expect");
	headers_remove(&x->headers, "Authorization");
	return r;
}

/* The version check is answered here, so what it may be asked by is decided here too. */
static int check_ping(struct exchange *x)
{
	if (x->route.operation != OPERATION_PING || strcmp(x->method, "GET") == 0 ||
	    strcmp(x->method, "HEAD") == 0)
		return 0;
	return oci_error_set(&x->refusal, 405, "UNSUPPORTED", "/v2/ takes GET and HEAD only");
}

static int note_who_asks(struct exchange *x, const struct http_request *request)
{
	x->client_fd = request->fd;
	peer_name(x->client_fd, x->client);
	x->access.client = x->client;
	if (request->owner) {
		user_name(*request->owner, x->user_text);
		x->user = x->user_text;
	}
	x->access.user = x->user;
	x->method = strdup(request->method);
	x->access.method = x->method;
	return x->method ? 0 : -ENOMEM;
}

int admit(struct exchange *x, const struct http_request *request)
{
	struct gate_request asked = {
	    .method = request->method,
	    .target = request->target,
	    .version = request->version,
	    .headers = request->headers,
	    .plain_head = request->plain_head,
	};
	int r;

	r = note_who_asks(x, request);
	if (r == 0)
		r = gate_check(&asked, &x->serving->hosts, &x->pass, &x->refusal);
	if (r == 0)
		r = may_connect(x->serving->config->allow_users, request->owner, &x->refusal);
	if (r == 0)
		r = route_resolve(&x->serving->registries, request->method, x->pass.target,
		    &x->route, &x->refusal);
	if (r == 0)
		r = check_ping(x);
	if (r == -EPERM)
		return exchange_refuse(x, "refused");
	if (r < 0)
		return r;
	x->access.operation = operation_name(x->route.operation);
	x->access.registry = x->route.registry ? x->route.registry->host : NULL;
	x->access.repository = x->route.repository;
	if (x->route.repository)
		live_begin(x->context->live, &x->live, x->route.repository, x->access.operation,
		    x->pass.body_length, clock_mono_ms());
	return admit_headers(x, request->headers);
}

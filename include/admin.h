#pragma once
/*
 * The admin listener: / as a page for a person, /healthz (200 while it lives), /readyz (200 while
 * pushes can work, else 503 and why not), both plain text, /metrics for Prometheus, and /status as
 * JSON. GET and HEAD only; a web page's requests are refused as everywhere, and so are the users
 * whom allow_users leaves out, but root and our own.
 */
#include "gate.h"
#include "http_server.h"
#include "status.h"

struct admin_context {
	struct gate_hosts hosts;
	struct status_context status;
};

/* The context is borrowed for the server's life. */
struct http_handler admin_handler(const struct admin_context *context);

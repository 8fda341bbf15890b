#pragma once
/*
 * The admin listener: /healthz (200 while it lives) and /readyz (200 while pushes can work, else
 * 503 and why not). Plain text, GET and HEAD only; a web page's requests are refused as everywhere.
 */
#include "ecr_token_cache.h"
#include "gate.h"
#include "http_server.h"

struct admin_context {
	struct gate_hosts hosts;
	struct ecr_token_cache *tokens;
	const _Atomic bool *stopping; /* no new client is let in any more */
};

/* The context is borrowed for the server's life. */
struct http_handler admin_handler(const struct admin_context *context);

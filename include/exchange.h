#pragma once
/*
 * One request and its answer, from the client's head to the last octet: the path of a push. Read
 * src/exchange.c from top to bottom; every step is a call into the module that knows how.
 */
#include "ecr_token_cache.h"
#include "gate.h"
#include "http_server.h"
#include "live.h"
#include "metrics.h"
#include "serving.h"
#include "stop.h"
#include "upsert.h"
#include "upstream.h"

/* What all exchanges share. Borrowed by each for its life. */
struct exchange_context {
	struct serving_place *serving;
	struct ecr_token_cache *tokens;
	struct upstream *upstream;
	struct upsert *upsert;
	struct live *live;
	struct refusals *refusals;
	struct metrics *metrics;
	const struct stop *stop;
};

/* The callbacks by which the HTTP server drives exchanges. */
struct http_handler exchange_handler(const struct exchange_context *context);

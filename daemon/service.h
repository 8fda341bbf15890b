#pragma once
/* All parts of the running daemon: built bottom up, taken down top down, also when half-built. */
#include <signal.h>

#include "addresses.h"
#include "admin.h"
#include "door.h"
#include "exchange.h"
#include "limits.h"
#include "setup.h"
#include "supervision.h"

struct service {
	const struct options *options;
	char *config_path;     /* NULL: there was no file */
	struct serving *first; /* as it was started; NULL before */
	struct setup setup;
	struct passed_sockets passed;
	struct addresses addresses;
	size_t proxy_listeners; /* so many of addresses.fds have become the proxy door's */
	struct state_dir *state;
	struct created *created;
	struct refusals *refusals;
	struct pending *pending;
	struct serving_place *serving;
	struct ecr_token_cache *tokens;
	struct upstream *upstream;
	struct upsert *upsert;
	struct live live;
	struct metrics metrics;
	struct history history;
	struct supervision supervision;
	char host_name[HOST_NAME_MAX + 1];
	struct exchange_context exchange;
	struct admin_context admin;
	struct http_server *proxy_server;
	struct http_server *admin_server;
	struct door *proxy_door;
	struct door *admin_door;
	sigset_t signals;
	_Atomic bool stopping;
};

/*
 * Takes over config. Until clients can connect; with anything but EXIT_CODE_DONE a text. A signal
 * to end cuts it short: `stopping`, and only to be taken down.
 */
enum exit_code service_start(struct service *service, struct config *config, struct err *e);

/*
 * What config says is in force from now on, or, with a text, nothing has changed. Takes over
 * config. Transfers under way go on with what they began with.
 */
enum exit_code service_put_in_force(struct service *service, struct config *config, struct err *e);

void service_take_down(struct service *service);

#include "service.h"

#include <errno.h>
#include <string.h>

#include "clock.h"
#include "interruption.h"
#include "limits.h"

static const struct registry *find_registry(const char *host, void *userdata)
{
	_cleanup_(serving_unrefp) struct serving *serving = serving_current(userdata);

	return registries_find(&serving->registries, host, strlen(host));
}

static int open_state_dir(struct service *service, const char *path, struct err *e)
{
	_cleanup_(freep) char *own = NULL;
	int r;

	if (!path) {
		r = state_dir_default(service->setup.sources.getenv, &own, e);
		if (r < 0)
			return r;
		path = own;
	}
	return state_dir_open(path, &service->state, e);
}

static enum exit_code open_state(
    struct service *service, const struct config *config, struct err *e)
{
	int r;

	r = open_state_dir(service, config->state_dir, e);
	if (r == 0)
		r = created_open(service->state, clock_wall_ms(), &service->created, e);
	return r < 0 ? EXIT_CODE_STATE : EXIT_CODE_DONE;
}

static enum exit_code new_serving(
    struct service *service, struct config *config, struct serving **ret, struct err *e)
{
	_cleanup_(config_freep) struct config *owned = config;
	_cleanup_(registries_finish) struct registries registries = {};
	enum exit_code code;

	code = setup_registries(&service->setup, config, &registries, e);
	if (code != EXIT_CODE_DONE)
		return code;
	metrics_list(&service->metrics, &registries);
	if (serving_new(TAKE_PTR(owned), &registries, addresses_hosts(&service->addresses), ret) <
	    0)
		return EXIT_CODE_FAILED;
	return EXIT_CODE_DONE;
}

enum exit_code service_put_in_force(struct service *service, struct config *config, struct err *e)
{
	struct serving *serving;
	enum exit_code code;

	code = new_serving(service, config, &serving, e);
	if (code != EXIT_CODE_DONE)
		return code;
	if (ecr_token_cache_list(service->tokens, &serving->registries) < 0) {
		serving_unref(serving);
		return EXIT_CODE_FAILED;
	}
	serving_replace(service->serving, serving);
	return EXIT_CODE_DONE;
}

/* What exchanges and the admin listener see of all this. */
static void show_around(struct service *service)
{
	service->exchange = (struct exchange_context){
	    .serving = service->serving,
	    .tokens = service->tokens,
	    .upstream = service->upstream,
	    .upsert = service->upsert,
	    .live = &service->live,
	    .refusals = service->refusals,
	    .metrics = &service->metrics,
	    .stop = &service->setup.stop,
	};
	service->admin = (struct admin_context){
	    .hosts = addresses_admin_hosts(&service->addresses),
	    .status = {.tokens = service->tokens,
		.live = &service->live,
		.metrics = &service->metrics,
		.history = &service->history,
		.created = service->created,
		.refusals = service->refusals,
		.pending = service->pending,
		.serving = service->serving,
		.stopping = &service->stopping,
		.started_ms = clock_mono_ms()},
	};
}

/* What was checked and bound before; only memory can be missing, and the spool's disk. */
static int build(struct service *service, struct serving *serving, struct err *e)
{
	const struct stop *stop = &service->setup.stop;
	const struct creation_context creation = {
	    .created = service->created,
	    .pending = service->pending,
	    .refusals = service->refusals,
	    .metrics = &service->metrics,
	    .stop = stop,
	    .host_name = service->host_name,
	};
	int r;

	r = upsert_new(&creation, &service->upsert);
	if (r == 0)
		r = upstream_new(service->setup.tls, stop, &service->upstream);
	if (r == 0)
		r = ecr_token_cache_new(stop, &service->tokens);
	if (r == 0)
		r = ecr_token_cache_list(service->tokens, &serving->registries);
	show_around(service);
	return r;
}

/* The spool needs the registries, creations need the spool. */
static enum exit_code open_spool(struct service *service, struct serving *serving, struct err *e)
{
	int r;

	r = serving_place_new(serving, &service->serving);
	if (r == 0) {
		service->first = serving_current(service->serving);
		r = refusals_new(&service->refusals);
	}
	if (r < 0)
		return EXIT_CODE_FAILED;
	r = pending_open(service->state, service->created, find_registry, service->serving,
	    &service->setup.stop, &service->pending, e);
	return r < 0 ? EXIT_CODE_STATE : EXIT_CODE_DONE;
}

static int open_door(struct http_handler handler, unsigned max_connections, int *fds, size_t len,
    struct http_server **ret_server, struct door **ret_door, struct err *e)
{
	int r;

	r = http_server_start(&handler, max_connections, LIMIT_IDLE_S, ret_server, e);
	if (r == 0)
		r = door_open(fds, len, *ret_server, ret_door, e);
	return r;
}

static int open_doors(struct service *service, struct err *e)
{
	struct addresses *addresses = &service->addresses;
	int r;

	r = open_door(exchange_handler(&service->exchange), LIMIT_CONNECTIONS, addresses->fds,
	    addresses->len, &service->proxy_server, &service->proxy_door, e);
	if (r < 0)
		return r;
	/* The doors own the sockets from here on. */
	service->proxy_listeners = addresses->len;
	addresses->len = 0;
	if (addresses->admin_fd < 0)
		return 0;
	r = open_door(admin_handler(&service->admin), LIMIT_ADMIN_CONNECTIONS, &addresses->admin_fd,
	    1, &service->admin_server, &service->admin_door, e);
	if (r == 0)
		addresses->admin_fd = -1;
	return r;
}

/* Takes over config. */
static enum exit_code start(struct service *service, struct config *config, struct err *e)
{
	_cleanup_(config_freep) struct config *owned = config;
	struct serving *serving;
	enum exit_code code = EXIT_CODE_DONE;

	if (addresses_open(&service->addresses, &service->passed, config, e) < 0)
		code = EXIT_CODE_ADDRESS;
	if (code == EXIT_CODE_DONE)
		code = open_state(service, config, e);
	if (code == EXIT_CODE_DONE)
		code = new_serving(service, TAKE_PTR(owned), &serving, e);
	if (code != EXIT_CODE_DONE)
		return code;
	code = setup_check_identity(serving->registries.items[0], e);
	if (code != EXIT_CODE_DONE) {
		serving_unref(serving);
		return code;
	}
	code = open_spool(service, serving, e);
	if (code != EXIT_CODE_DONE)
		return code;
	addresses_log(&service->addresses, serving->registries.items[0]->host);
	if (build(service, serving, e) < 0 || open_doors(service, e) < 0)
		return EXIT_CODE_FAILED;
	return EXIT_CODE_DONE;
}

enum exit_code service_start(struct service *service, struct config *config, struct err *e)
{
	_cleanup_(config_freep) struct config *owned = config;
	struct interruption interruption;
	enum exit_code code;

	code = setup_init(&service->setup, e);
	if (code != EXIT_CODE_DONE)
		return code;
	if (interruption_begin(&interruption, &service->setup.stop) < 0)
		return EXIT_CODE_FAILED;
	code = start(service, TAKE_PTR(owned), e);
	service->stopping = interruption_end(&interruption);
	return service->stopping ? EXIT_CODE_DONE : code;
}

void service_take_down(struct service *service)
{
	if (service->setup.stop.fd >= 0)
		stop_now(&service->setup.stop);
	ecr_token_cache_stop(service->tokens);
	pending_stop(service->pending);
	door_close(service->proxy_door);
	door_close(service->admin_door);
	http_server_stop(service->proxy_server);
	http_server_stop(service->admin_server);
	ecr_token_cache_free(service->tokens);
	upsert_free(service->upsert);
	upstream_free(service->upstream);
	pending_free(service->pending);
	serving_unref(service->first);
	serving_place_free(service->serving);
	refusals_free(service->refusals);
	created_free(service->created);
	state_dir_free(service->state);
	addresses_finish(&service->addresses);
	setup_finish(&service->setup);
	free(service->config_path);
}

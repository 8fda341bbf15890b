#include "serve.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

#include "addresses.h"
#include "admin.h"
#include "aws_settings.h"
#include "clock.h"
#include "config.h"
#include "door.h"
#include "exchange.h"
#include "limits.h"
#include "log.h"
#include "setup.h"

/* Threads by the hundred share this many heaps: freed buffers are found again sooner. */
enum { HEAPS_MAX = 4, DRAIN_POLL_MS = 50 };

struct service {
	struct setup setup;
	struct addresses addresses;
	struct ecr_token_cache *tokens;
	struct upstream *upstream;
	struct upsert *upsert;
	struct live live;
	struct exchange_context exchange;
	struct admin_context admin;
	struct http_server *proxy_server;
	struct http_server *admin_server;
	struct door *proxy_door;
	struct door *admin_door;
	sigset_t signals;
	_Atomic bool stopping;
};

static enum exit_code fail(enum exit_code code, const struct err *e)
{
	fprintf(stderr, "ecr-upsertd: %s\n", e->text[0] ? e->text : "out of memory");
	return code;
}

/* Before the first thread, so that all of them inherit it. */
static void prepare_process(struct service *service)
{
	struct rlimit files;

	sigemptyset(&service->signals);
	sigaddset(&service->signals, SIGTERM);
	sigaddset(&service->signals, SIGINT);
	sigaddset(&service->signals, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &service->signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	mallopt(M_ARENA_MAX, HEAPS_MAX);
	/* Keys and tokens are in memory. */
	setrlimit(RLIMIT_CORE, &(struct rlimit){});
	/* A connection and its transfer take two or three descriptors. */
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

static int build(struct service *service, struct err *e)
{
	struct setup *setup = &service->setup;
	int r;

	r = upstream_new(setup->tls, &setup->stop, &service->upstream);
	if (r == 0)
		r = upsert_new(NULL, &setup->stop, &service->upsert);
	if (r == 0)
		r = ecr_token_cache_new(&setup->stop, &service->tokens);
	if (r == 0)
		r = ecr_token_cache_list(service->tokens, &setup->registries);
	if (r < 0)
		return err_set(e, r, "cannot start: out of memory");
	service->exchange = (struct exchange_context){
	    .registries = &setup->registries,
	    .hosts = addresses_hosts(&service->addresses),
	    .tokens = service->tokens,
	    .upstream = service->upstream,
	    .upsert = service->upsert,
	    .live = &service->live,
	    .stop = &setup->stop,
	};
	service->admin = (struct admin_context){
	    .hosts = addresses_admin_hosts(&service->addresses),
	    .status = {.tokens = service->tokens,
		.live = &service->live,
		.stopping = &service->stopping,
		.started_ms = clock_mono_ms(),
		.max_per_hour = CREATE_PER_HOUR},
	};
	return 0;
}

static int open_door(struct http_handler handler, int *fds, size_t len,
    struct http_server **ret_server, struct door **ret_door, struct err *e)
{
	int r;

	r = http_server_start(&handler, LIMIT_CONNECTIONS, LIMIT_IDLE_S, ret_server, e);
	if (r == 0)
		r = door_open(fds, len, *ret_server, ret_door, e);
	return r;
}

static int open_doors(struct service *service, struct err *e)
{
	struct addresses *addresses = &service->addresses;
	int r;

	r = open_door(exchange_handler(&service->exchange), addresses->fds, addresses->len,
	    &service->proxy_server, &service->proxy_door, e);
	if (r < 0)
		return r;
	/* The doors own the sockets from here on. */
	addresses->len = 0;
	if (addresses->admin_fd < 0)
		return 0;
	r = open_door(admin_handler(&service->admin), &addresses->admin_fd, 1,
	    &service->admin_server, &service->admin_door, e);
	if (r == 0)
		addresses->admin_fd = -1;
	return r;
}

static int next_signal(struct service *service, int timeout_ms)
{
	struct timespec timeout = {timeout_ms / 1000, timeout_ms % 1000 * 1000000L};
	int signal;

	do
		signal = sigtimedwait(&service->signals, NULL, &timeout);
	while (signal < 0 && errno == EINTR);
	return signal;
}

/* What only has to be done now and then is done here: the main thread has nothing else to do. */
static void wait_for_stop(struct service *service)
{
	for (;;) {
		int signal = next_signal(service, LIMIT_UPSTREAM_IDLE_S * 1000);

		if (signal == SIGTERM || signal == SIGINT)
			return;
		upstream_close_idle(service->upstream, clock_mono_ms());
		if (signal == SIGHUP)
			log_info("SIGHUP: there is no configuration file to read again");
	}
}

/* Running transfers finish; a second signal or the limit cuts them. */
static void drain(struct service *service)
{
	int64_t deadline_ms = clock_mono_ms() + LIMIT_DRAIN_MS;
	size_t active;

	service->stopping = true;
	door_close(service->proxy_door);
	service->proxy_door = NULL;
	http_server_drain(service->proxy_server);
	log_info("stopping: %zu requests are under way", http_server_active(service->proxy_server));
	while ((active = http_server_active(service->proxy_server)) > 0) {
		int signal = next_signal(service, DRAIN_POLL_MS);

		if (clock_left_ms(deadline_ms) == 0 || signal == SIGTERM || signal == SIGINT) {
			log_warn("stopping: %zu requests are cut", active);
			return;
		}
	}
}

/* Top down; takes half-built services. */
static void take_down(struct service *service)
{
	if (service->setup.stop.fd >= 0)
		stop_now(&service->setup.stop);
	ecr_token_cache_stop(service->tokens);
	door_close(service->proxy_door);
	door_close(service->admin_door);
	http_server_stop(service->proxy_server);
	http_server_stop(service->admin_server);
	ecr_token_cache_free(service->tokens);
	upsert_free(service->upsert);
	upstream_free(service->upstream);
	addresses_finish(&service->addresses);
	setup_finish(&service->setup);
}

static enum exit_code run(struct service *service, const struct options *options)
{
	enum exit_code code;
	struct err e = {};

	code = setup_init(&service->setup, options, &e);
	if (code != EXIT_CODE_DONE)
		return fail(code, &e);
	if (addresses_open(&service->addresses, options, &e) < 0)
		return fail(EXIT_CODE_ADDRESS, &e);
	code = setup_registries(&service->setup, options, &e);
	if (code != EXIT_CODE_DONE)
		return fail(code, &e);
	addresses_log(&service->addresses, service->setup.registries.items[0]->host);
	if (build(service, &e) < 0 || open_doors(service, &e) < 0)
		return fail(EXIT_CODE_FAILED, &e);
	wait_for_stop(service);
	drain(service);
	return EXIT_CODE_DONE;
}

enum exit_code serve(const struct options *options)
{
	struct service service = {
	    .setup = {.stop = {.fd = -1}},
	    .addresses = {.admin_fd = -1},
	};
	enum log_level level = LOG_LEVEL_INFO;
	enum log_format format = LOG_FORMAT_TEXT;
	enum exit_code code;

	if (options->log_level)
		log_level_parse(options->log_level, &level);
	if (options->log_format)
		log_format_parse(options->log_format, &format);
	log_setup(level, format);
	live_init(&service.live);
	prepare_process(&service);
	code = run(&service, options);
	take_down(&service);
	live_finish(&service.live);
	if (code == EXIT_CODE_DONE)
		log_info("stopped");
	return code;
}

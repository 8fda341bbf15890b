#include "serve.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "apology.h"
#include "clock.h"
#include "configuration.h"
#include "environment.h"
#include "journal_stream.h"
#include "limits.h"
#include "log.h"
#include "reload.h"

enum { HEAPS_MAX = 4, DRAIN_POLL_MS = 50 };

static enum exit_code fail(enum exit_code code, const struct err *e)
{
	fprintf(stderr, "ecr-upsertd: %s\n", e->text[0] ? e->text : "out of memory");
	return code;
}

/* Threads by the hundred share a few of glibc's heaps: freed buffers are found again sooner. */
static void share_heaps(void)
{
#ifdef M_ARENA_MAX
	mallopt(M_ARENA_MAX, HEAPS_MAX);
#endif
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
	gethostname(service->host_name, sizeof(service->host_name) - 1);
	share_heaps();
	/* Keys and tokens are in memory. */
	setrlimit(RLIMIT_CORE, &(struct rlimit){});
	/* A connection and its transfer take two or three descriptors. */
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
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

static void take_sample(struct service *service)
{
	struct history_totals totals;

	metrics_read(&service->metrics, &totals);
	history_take(&service->history, &totals, clock_mono_ms(), clock_wall_ms());
}

static void take_reload(struct service *service)
{
	supervision_reloading(service);
	reload(service);
	supervision_ready(service);
}

static int until_next_ms(struct service *service)
{
	int64_t sample_ms = history_left_ms(&service->history, clock_mono_ms());
	int64_t look_ms = supervision_left_ms(&service->supervision);

	return (int)(sample_ms < look_ms ? sample_ms : look_ms);
}

/* What only has to be done now and then is done here: the main thread has nothing else to do. */
static void wait_for_stop(struct service *service)
{
	for (;;) {
		int signal = next_signal(service, until_next_ms(service));

		if (signal == SIGTERM || signal == SIGINT)
			return;
		take_sample(service);
		upstream_close_idle(service->upstream, clock_mono_ms());
		if (signal == SIGHUP)
			take_reload(service);
		supervision_look(service);
	}
}

/* Running transfers finish; a second signal or the limit cuts them. */
static void drain(struct service *service)
{
	int64_t deadline_ms = clock_mono_ms() + LIMIT_DRAIN_MS;
	size_t active, told;

	service->stopping = true;
	door_close(service->proxy_door);
	service->proxy_door = NULL;
	http_server_drain(service->proxy_server);
	told = http_server_active(service->proxy_server);
	log_info("stopping: %zu requests are under way", told);
	supervision_stopping(service, told);
	while ((active = http_server_active(service->proxy_server)) > 0) {
		int signal = next_signal(service, DRAIN_POLL_MS);

		if (clock_left_ms(deadline_ms) == 0 || signal == SIGTERM || signal == SIGINT) {
			log_warn("stopping: %zu requests are cut", active);
			return;
		}
		if (active != told)
			supervision_stopping(service, active);
		told = active;
	}
}

/* What the manager said was for us, not for a credential_process. Before the first thread. */
static void forget_manager(void)
{
	static const char *const names[] = {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID",
	    "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		unsetenv(names[i]);
}

static enum exit_code run(struct service *service)
{
	_cleanup_str_ struct str problems = {};
	struct config *config;
	enum exit_code code;
	struct err e = {};

	if (passed_sockets_read(environment, getpid(), &service->passed, &e) < 0)
		return fail(EXIT_CODE_ADDRESS, &e);
	forget_manager();
	code = configuration_load(service->options, &config, &service->config_path, &problems);
	if (code != EXIT_CODE_DONE) {
		fputs(str_text(&problems), stderr);
		return code;
	}
	log_setup(config->log_level, config->log_format);
	code = service_start(service, config, &e);
	if (code != EXIT_CODE_DONE)
		return fail(code, &e);
	if (service->stopping)
		return EXIT_CODE_DONE;
	supervision_ready(service);
	wait_for_stop(service);
	drain(service);
	return EXIT_CODE_DONE;
}

enum exit_code serve(const struct options *options)
{
	struct service service = {
	    .options = options,
	    .setup = {.stop = {.fd = -1}},
	    .addresses = {.admin_fd = -1},
	};
	enum exit_code code;

	live_init(&service.live);
	metrics_init(&service.metrics);
	history_init(&service.history, clock_mono_ms());
	prepare_process(&service);
	log_to_journal(journal_stream_is(STDERR_FILENO, getenv("JOURNAL_STREAM")));
	supervision_init(&service.supervision);
	code = run(&service);
	if (code != EXIT_CODE_DONE)
		apologize(&service.passed);
	service_take_down(&service);
	supervision_finish(&service.supervision);
	history_finish(&service.history);
	metrics_finish(&service.metrics);
	live_finish(&service.live);
	if (code == EXIT_CODE_DONE)
		log_info("stopped");
	return code;
}

#include "lambda.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "clock.h"
#include "lambda_config.h"
#include "lambda_handler.h"
#include "log.h"
#include "setup.h"

#define RUNTIME_API "AWS_LAMBDA_RUNTIME_API"

enum {
	/* A runtime API that fails this often in a row, over some seconds, is gone. */
	FAILURES_MAX = 8,
	PAUSE_FIRST_MS = 50,
};

struct function {
	struct setup setup;
	struct config *config;
	struct stop leave; /* SIGTERM: no further invocation; the one under way is answered */
	struct lambda_runtime runtime;
	struct lambda_handler handler;
	char host_name[256];
};

static struct stop *leave_by_signal;

static void on_signal(int number)
{
	(void)number;
	stop_now(leave_by_signal);
}

static void prepare_process(struct function *function)
{
	const struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};

	leave_by_signal = &function->leave;
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	gethostname(function->host_name, sizeof(function->host_name) - 1);
	/* Keys are in memory. */
	setrlimit(RLIMIT_CORE, &(struct rlimit){});
}

/* All that can be wrong before the first event; a call to AWS is none of it. */
static enum exit_code start(
    struct function *function, const struct options *options, struct str *problems)
{
	enum exit_code code;
	struct err e = {};
	int r;

	r = lambda_config_load(options, &function->config, problems);
	if (r < 0)
		return r == -ENOMEM ? EXIT_CODE_FAILED : EXIT_CODE_CONFIG;
	log_setup(function->config->log_level, LOG_FORMAT_JSON);
	code = setup_init(&function->setup, &e);
	if (code != EXIT_CODE_DONE) {
		str_append_text(problems, e.text);
		return code;
	}
	function->handler = (struct lambda_handler){
	    .config = function->config,
	    .book = function->setup.book,
	    .stop = &function->setup.stop,
	    .host_name = function->host_name,
	    .function = getenv("AWS_LAMBDA_FUNCTION_NAME"),
	    .metrics = stdout,
	};
	return EXIT_CODE_DONE;
}

/* Lambda shows the reason to whoever deployed it. */
static void refuse_start(struct function *function, struct str *problems)
{
	struct err e = {};

	while (problems->len > 0 && problems->data[problems->len - 1] == '\n')
		problems->data[--problems->len] = '\0';
	log_error("cannot start: %s", problems->len > 0 ? problems->data : "out of memory");
	if (lambda_runtime_fail(&function->runtime, NULL,
		&(const struct lambda_failure){"EcrUpsertd.Configuration",
		    problems->len > 0 ? problems->data : "out of memory"},
		&e) < 0)
		log_error("cannot say so: %s", e.text);
}

/* False: there is none other. */
static bool next(struct function *function, struct lambda_invocation *ret)
{
	int64_t pause_ms = PAUSE_FIRST_MS;
	struct err e = {};

	for (int i = 0; i < FAILURES_MAX; i++) {
		int r = lambda_runtime_next(&function->runtime, ret, &e);

		if (r == 0)
			return true;
		if (r == -ECANCELED || stop_is_set(&function->leave))
			return false;
		log_warn("no invocation: %s", e.text);
		if (stop_sleep(&function->leave, pause_ms))
			return false;
		pause_ms *= 2;
	}
	return false;
}

static int answer(struct function *function, const struct lambda_invocation *invocation,
    const struct lambda_answer *answer, struct err *e)
{
	const struct lambda_failure failure = {answer->type, answer->message.text};

	if (answer->failed)
		return lambda_runtime_fail(&function->runtime, invocation->id, &failure, e);
	return lambda_runtime_respond(
	    &function->runtime, invocation->id, str_text(&answer->body), e);
}

static int handle(struct function *function, const struct lambda_invocation *invocation)
{
	_cleanup_(lambda_answer_finish) struct lambda_answer result = {};
	struct err e = {};
	int r;

	lambda_handle(&function->handler, invocation, &result);
	r = answer(function, invocation, &result, &e);
	if (r < 0)
		log_error("the answer is lost: %s", e.text);
	return r;
}

static enum exit_code run(struct function *function)
{
	for (;;) {
		_cleanup_(lambda_invocation_finish) struct lambda_invocation invocation = {};

		if (!next(function, &invocation))
			return stop_is_set(&function->leave) ? EXIT_CODE_DONE : EXIT_CODE_FAILED;
		if (handle(function, &invocation) < 0)
			return EXIT_CODE_FAILED;
	}
}

enum exit_code lambda(const struct options *options)
{
	struct function function = {.setup = {.stop = {.fd = -1}}};
	_cleanup_str_ struct str problems = {};
	enum exit_code code;

	log_setup(LOG_LEVEL_INFO, LOG_FORMAT_JSON);
	function.runtime.api = getenv(RUNTIME_API);
	if (!function.runtime.api || !*function.runtime.api) {
		fprintf(stderr, "ecr-upsertd: lambda is run by AWS Lambda, which sets " RUNTIME_API
				": upload it as the bootstrap of a function\n");
		return EXIT_CODE_USAGE;
	}
	if (stop_init(&function.leave) < 0)
		return EXIT_CODE_FAILED;
	prepare_process(&function);
	code = start(&function, options, &problems);
	function.runtime.wait =
	    (struct fetcher){.tls = function.setup.tls, .stop = &function.leave};
	function.runtime.tell =
	    (struct fetcher){.tls = function.setup.tls, .stop = &function.setup.stop};
	if (code == EXIT_CODE_DONE)
		code = run(&function);
	else
		refuse_start(&function, &problems);
	lambda_budget_finish(&function.handler.budget);
	setup_finish(&function.setup);
	config_free(function.config);
	stop_finish(&function.leave);
	return code;
}

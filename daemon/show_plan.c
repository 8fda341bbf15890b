#include "show_plan.h"

#include <stdio.h>
#include <unistd.h>

#include "clock.h"
#include "configuration.h"
#include "limits.h"
#include "plan.h"
#include "user_name.h"

/* As if whoever asks pushed, here and now. */
static int make(const struct config *config, const char *target, struct plan *ret, struct err *e)
{
	char user[USER_NAME_SIZE], host[HOST_NAME_MAX + 1] = "";
	const struct variables pusher = {.user = user, .host = host, .now_s = clock_wall_s()};

	user_name(getuid(), user);
	gethostname(host, sizeof(host) - 1);
	return plan_make(config, target, &pusher, ret, e);
}

enum exit_code show_plan(const struct options *options)
{
	_cleanup_(config_freep) struct config *config = NULL;
	_cleanup_(plan_finish) struct plan plan = {};
	_cleanup_(freep) char *path = NULL;
	_cleanup_str_ struct str problems = {}, text = {};
	struct err e = {.text = "out of memory"};
	enum exit_code code = configuration_load(options, &config, &path, &problems);
	int r;

	if (code != EXIT_CODE_DONE) {
		fputs(str_text(&problems), stderr);
		return code;
	}
	r = make(config, options->argument, &plan, &e);
	if (r == 0)
		r = options->json ? plan_write_json(&plan, &text) : plan_write_text(&plan, &text);
	if (r < 0) {
		fprintf(stderr, "ecr-upsertd: %s\n", e.text);
		return EXIT_CODE_FAILED;
	}
	fputs(str_text(&text), stdout);
	return EXIT_CODE_DONE;
}

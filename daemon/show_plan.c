#include "show_plan.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "clock.h"
#include "config_path.h"
#include "limits.h"
#include "plan.h"
#include "user_name.h"

/* The file's, or every default without one. */
static int load(const char *given, struct config **ret)
{
	_cleanup_(freep) char *path = NULL;
	_cleanup_str_ struct str problems = {};
	int r;

	r = config_path(given, &path);
	if (r == 0)
		r = path ? config_load(path, ret, &problems) : config_default(ret);
	if (r == -ENOMEM)
		fputs("ecr-upsertd: out of memory\n", stderr);
	fputs(str_text(&problems), stderr);
	return r;
}

/* Those of the command line take the place of the file's; both are only borrowed. */
static void take_registries(const struct options *options,
    struct config_registry list[static OPTION_LIST_MAX], struct config *config)
{
	size_t len = 0;

	for (; options->registries[len]; len++)
		list[len].host = (char *)options->registries[len];
	if (len == 0)
		return;
	config->registries = list;
	config->registries_len = len;
}

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
	struct config_registry given[OPTION_LIST_MAX] = {};
	_cleanup_(config_freep) struct config *config = NULL;
	_cleanup_(plan_finish) struct plan plan = {};
	_cleanup_str_ struct str text = {};
	struct err e = {.text = "out of memory"};
	struct config in_force;
	int r;

	if (load(options->config, &config) < 0)
		return EXIT_CODE_FAILED;
	in_force = *config;
	take_registries(options, given, &in_force);
	r = make(&in_force, options->argument, &plan, &e);
	if (r == 0)
		r = options->json ? plan_write_json(&plan, &text) : plan_write_text(&plan, &text);
	if (r < 0) {
		fprintf(stderr, "ecr-upsertd: %s\n", e.text);
		return EXIT_CODE_FAILED;
	}
	fputs(str_text(&text), stdout);
	return EXIT_CODE_DONE;
}

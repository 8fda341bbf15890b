#include <stdio.h>

#include "check_config.h"
#include "configure_client.h"
#include "doctor.h"
#include "exit_codes.h"
#include "lambda.h"
#include "options.h"
#include "repos.h"
#include "serve.h"
#include "show_plan.h"
#include "show_status.h"
#include "wait_ready.h"

static enum exit_code (*const runs[COMMANDS])(const struct options *) = {
    [COMMAND_SERVE] = serve,
    [COMMAND_WAIT] = wait_ready,
    [COMMAND_CHECK_CONFIG] = check_config,
    [COMMAND_PLAN] = show_plan,
    [COMMAND_DOCTOR] = doctor,
    [COMMAND_CLIENT_CONFIG] = configure_client,
    [COMMAND_STATUS] = show_status,
    [COMMAND_REPOS] = repos,
    [COMMAND_LAMBDA] = lambda,
};

int main(int argc, char **argv)
{
	struct options options;
	struct err e = {};

	if (options_parse(argc, argv, &options, &e) < 0) {
		fprintf(stderr, "ecr-upsertd: %s\n", e.text);
		return EXIT_CODE_USAGE;
	}
	switch (options.command) {
	case COMMAND_HELP:
		fputs(options_help, stdout);
		return EXIT_CODE_DONE;
	case COMMAND_VERSION:
		puts("ecr-upsertd " ECR_UPSERTD_VERSION);
		return EXIT_CODE_DONE;
	default:
		return runs[options.command](&options);
	}
}

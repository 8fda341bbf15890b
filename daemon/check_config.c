#include "check_config.h"

#include <errno.h>
#include <stdio.h>

#include "config.h"
#include "config_path.h"

enum exit_code check_config(const struct options *options)
{
	_cleanup_(config_freep) struct config *config = NULL;
	_cleanup_(freep) char *path = NULL;
	_cleanup_str_ struct str problems = {};
	int r;

	r = config_path(options->config, &path);
	if (r == 0 && !path) {
		fprintf(
		    stderr, "ecr-upsertd: there is no configuration file; name one by --config\n");
		return EXIT_CODE_USAGE;
	}
	if (r == 0)
		r = config_load(path, false, &config, &problems);
	if (r == -ENOMEM) {
		fprintf(stderr, "ecr-upsertd: out of memory\n");
		return EXIT_CODE_FAILED;
	}
	fputs(str_text(&problems), stderr);
	if (r == 0)
		printf("%s: valid\n", path);
	return r == 0 ? EXIT_CODE_DONE : r == -EINVAL ? EXIT_CODE_FAILED : EXIT_CODE_USAGE;
}

#include "lambda_config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NAME         "ECR_UPSERTD_CONFIG"
#define IN_PACKAGE   "ecr-upsertd.json"
#define DEFAULT_ROOT "/var/task"

static int load_packaged(const char *root, struct config **ret, struct str *problems)
{
	_cleanup_str_ struct str path = {};

	if (str_appendf(&path, "%s/" IN_PACKAGE, root) < 0)
		return -ENOMEM;
	if (access(str_text(&path), F_OK) < 0 && errno == ENOENT)
		return config_default(ret);
	return config_load(str_text(&path), false, ret, problems);
}

int lambda_config_load(const struct options *options, struct config **ret, struct str *problems)
{
	const char *root = getenv("LAMBDA_TASK_ROOT"), *named = options->config;

	if (!root || !*root)
		root = DEFAULT_ROOT;
	if (!named)
		named = getenv(NAME);
	if (!named || !*named)
		return load_packaged(root, ret, problems);
	/* What deploys the function cannot put a file into its package. */
	if (!options->config && *named == '{')
		return config_parse(NAME, root, named, strlen(named), ret, problems);
	return config_load(named, false, ret, problems);
}

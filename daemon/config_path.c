#include "config_path.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "str.h"

#define UNDER_HOME  ".config/ecr-upsertd/ecr-upsertd.conf"
#define SYSTEM_WIDE "/etc/ecr-upsertd/ecr-upsertd.conf"

static int copy(const char *path, char **ret)
{
	*ret = strdup(path);
	return *ret ? 0 : -ENOMEM;
}

/* A dangling link and a file that may not be read are there: they must not be passed over. */
static bool is_there(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

static int find(const char *home, char **ret)
{
	_cleanup_str_ struct str path = {};

	if (home && *home) {
		if (str_appendf(&path, "%s/" UNDER_HOME, home) < 0)
			return -ENOMEM;
		if (is_there(str_text(&path)))
			return copy(str_text(&path), ret);
	}
	if (is_there(SYSTEM_WIDE))
		return copy(SYSTEM_WIDE, ret);
	*ret = NULL;
	return 0;
}

int config_path(const char *given, char **ret)
{
	const char *named = given ? given : getenv("ECR_UPSERTD_CONFIG");

	return named && *named ? copy(named, ret) : find(getenv("HOME"), ret);
}

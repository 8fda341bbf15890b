#pragma once
/* Names of files as AWS tools take them: "~", $NAME and ${NAME} stand for what they do in Python.
 */
#include "credentials.h"

/*
 * "~" alone or before a slash is the home directory; a variable that is not set stays as it is
 * written, as do other users' homes. 0, −ENOENT without the home directory that is wanted, −ENOMEM.
 */
int aws_path_expand(const struct credential_sources *sources, const char *path, char **ret);

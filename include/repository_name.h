#pragma once
/* What ECR takes as a repository's name (API reference, CreateRepository, repositoryName). Pure. */
#include <stdbool.h>

enum { REPOSITORY_NAME_MIN = 2, REPOSITORY_NAME_MAX = 256 };

/* What whoever pushed another name can do. */
#define REPOSITORY_NAME_REMEDY                                                                   \
	"Push to a name of 2 to 256 lower-case letters and digits, with single . _ - / between " \
	"them"

/* ECR's own pattern and length, in one pass. */
bool repository_name_is_valid(const char *name);

/* Goes on from a name that is not. */
#define REPOSITORY_NAME_REFUSED                                                          \
	"is no repository name that ECR takes: 2 to 256 lower-case letters, digits and " \
	"separators between them"

/* May this octet stand in a component of a name? */
bool repository_name_has(char c);

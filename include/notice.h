#pragma once
/* What the person who pushes is told of a repository that was created for them. Pure. */
#include "repository_settings.h"

/* Holds a name of 256, a registry's host and what ECR calls settings; a rule's name is cut. */
enum { NOTICE_MAX = 640 };

/* Of printable characters without " and \, no character cut in two; empty: nothing to be told. */
struct notice {
	char text[NOTICE_MAX];
};

/*
 * "created repository team/app in HOST (rule team-a, IMMUTABLE, scanned on push)"; rule as
 * rule_describe() names it, NULL: none.
 */
void notice_created(const char *repository, const char *host, const char *rule,
    const struct repository_settings *settings, struct notice *ret);

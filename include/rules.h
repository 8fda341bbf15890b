#pragma once
/*
 * What happens to a repository that does not exist: the one question upsert asks. The place of the
 * team's rules; until a configuration has any, every name is created with the defaults.
 */
#include "registry.h"
#include "repository_settings.h"

struct rules; /* NULL: no rule */

struct decision {
	const struct repository_settings *settings; /* borrowed from the rules */
};

/* First match wins; a name that no rule matches is created with the defaults. */
struct decision rules_decide(
    const struct rules *rules, const struct registry *registry, const char *repository);

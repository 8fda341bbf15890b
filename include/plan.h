#pragma once
/*
 * What a push would get whose repository does not exist: the rule, why none before it, and the
 * exact request. From the configuration alone: nobody is asked. Pure.
 */
#include "config.h"

struct plan {
	char *registry;   /* its host */
	char *repository; /* as ECR sees it */
	const struct rules *rules;
	const struct rule *rule; /* or NULL: none matches */
	/* As far as they are known without a call; empty unless a push creates the repository. */
	struct repository_settings settings;
	char *request; /* CreateRepository's JSON; NULL: none is made */
};

/*
 * target: HOST/NAME, or NAME in the first of the configured registries. variables: user, host and
 * time are the caller's, the rest is filled in here. Borrows config. 0 and *ret to be finished;
 * −EINVAL with the reason when such a push is refused whatever the rules say; −ENOMEM.
 */
int plan_make(const struct config *config, const char *target, const struct variables *variables,
    struct plan *ret, struct err *e);
void plan_finish(struct plan *plan);

/* Appends it for a person, as lines. 0 or −ENOMEM. */
int plan_write_text(const struct plan *plan, struct str *ret);

/*
 * {"registry","repository","rule","action","reason","request","lifecycle_policy",
 * "repository_policy"} and, where ECR's own template would be read, "from". 0 or −ENOMEM.
 */
int plan_write_json(const struct plan *plan, struct str *ret);

#pragma once
/*
 * What the person who pushes is told beside the registry's answer, as Warning: 299 - "…" (OCI
 * distribution spec, "Warnings"): podman, skopeo, buildah, oras, crane and regctl show it. Pure.
 */
#include "repository_settings.h"

/* Holds a name of 256, a registry's host and what ECR calls settings. */
enum { NOTICE_MAX = 640 };

/* Of printable characters without " and \, no character cut in two; empty: nothing to be told. */
struct notice {
	char text[NOTICE_MAX];
};

/* Any text; what it cannot hold is replaced or left out. */
void notice_set(struct notice *ret, const char *text);

/*
 * "ecr-upsertd created repository team/app in HOST (rule team-a, IMMUTABLE, scanned on push)"; rule
 * as rule_describe() names it, cut where it is long; NULL: none.
 */
void notice_created(const char *repository, const char *host, const char *rule,
    const struct repository_settings *settings, struct notice *ret);

#pragma once
/*
 * What a new repository is to be. Layers of it are merged: built-in, the configuration's defaults,
 * ECR's own template, the rule's. And the CreateRepository request that says so. Pure.
 */
#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "str.h"
#include "variables.h"

enum said { UNSAID, SAID_NO, SAID_YES };

struct repository_tag {
	char *key;
	char *value;
};

/* A layer, or the merged whole: NULL, UNSAID or 0: not said here. All texts are owned. */
struct repository_settings {
	char *image_tag_mutability;
	char **exclusion_filters; /* with image_tag_mutability of the same layer */
	size_t exclusion_filters_len;
	enum said scan_on_push;
	char *encryption_type; /* with kms_key one whole: replaced together */
	char *kms_key;
	struct repository_tag *tags;
	size_t tags_len;
	char *lifecycle_policy;  /* JSON text, minified */
	char *repository_policy; /* the same */
	enum said from_template; /* "from": "ecr-template" */
};

/* Frees what it owns and zeroes it. */
void repository_settings_finish(struct repository_settings *settings);

/* IMMUTABLE, scan on push, into a zeroed one. 0 or −ENOMEM. */
int repository_settings_built_in(struct repository_settings *ret);

/*
 * What `over` says replaces what `settings` said; tags key by key, everything else whole; a plain
 * MUTABLE or IMMUTABLE drops inherited exclusion filters. 0 or −ENOMEM (settings then is to be
 * finished).
 */
int repository_settings_merge(
    struct repository_settings *settings, const struct repository_settings *over);

/* Fills in the variables of tag values. 0 or −ENOMEM. */
int repository_settings_expand(
    struct repository_settings *settings, const struct variables *variables);

/*
 * ECR's limits for tags (API reference, Tag and TagResource): 50 of them; key 1 to 128, value at
 * most 256 characters; aws: reserved; letters, digits, spaces and _.:/=+-@. What is not ASCII is
 * left to ECR, a known variable until it is filled in. 0 or −EINVAL with the reason.
 */
int repository_settings_check_tags(const struct repository_settings *settings, struct err *e);

/*
 * CreateRepository's JSON body (API reference, CreateRepository), appended; registryId always, what
 * is not said is not sent. 0 or −ENOMEM.
 */
int repository_settings_write_request(const struct repository_settings *settings,
    const char *account, const char *repository, struct str *ret);

/*
 * What the repository is given, for a person: the members of that request but the name's, with
 * "lifecycle_policy" and "repository_policy" as JSON. Appended; 0 or −ENOMEM.
 */
int repository_settings_write(const struct repository_settings *settings, struct str *ret);

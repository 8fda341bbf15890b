#pragma once
/*
 * The profile in use, as botocore picks and merges it: AWS_DEFAULT_PROFILE, AWS_PROFILE or
 * "default", from the credentials file (AWS_SHARED_CREDENTIALS_FILE or ~/.aws/credentials) and the
 * configuration file (AWS_CONFIG_FILE or ~/.aws/config).
 */
#include <stdbool.h>
#include <stddef.h>

#include "credentials.h"
#include "err.h"

enum profile_file { PROFILE_CONFIG_FILE, PROFILE_CREDENTIALS_FILE, PROFILE_FILES };

struct profile_entry {
	char *key;
	char *value; /* never empty: a key without value counts as absent */
};

struct profile {
	char *name;
	struct profile_section {
		char *path;  /* of the file; NULL without a home directory */
		bool exists; /* the section does */
		struct profile_entry *entries;
		size_t len;
	} files[PROFILE_FILES];
};

/*
 * 0, also when there is no default profile; −EINVAL with a text for a profile that was asked for by
 * name and is in neither file, and as ini_parse() and file_read() but for missing files. A
 * profile's `services` section is part of it, as "services.ecr.endpoint_url".
 */
int profile_load(const struct credential_sources *sources, struct profile *ret, struct err *e);
/* Wipes. */
void profile_finish(struct profile *profile);

/* NULL when there is none; borrowed. */
const char *profile_get_from(
    const struct profile *profile, enum profile_file file, const char *key);
/* The credentials file's value wins. */
const char *profile_get(const struct profile *profile, const char *key);

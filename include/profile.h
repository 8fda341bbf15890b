#pragma once
/*
 * One profile, as botocore picks and merges it: the one chosen explicitly, else
 * AWS_DEFAULT_PROFILE, AWS_PROFILE or "default".
 */
#include "profile_files.h"

struct profile {
	char *name;
	const struct profile_files *files;
	struct profile_files *own; /* the same, when they were read for this profile alone */
};

/*
 * 0, also when there is no default profile; −EINVAL with a text for a profile that was asked for by
 * name and is in neither file, and as profile_files_read(). Takes the files of the sources, else
 * reads them.
 */
int profile_load(const struct credential_sources *sources, struct profile *ret, struct err *e);
/* Wipes. */
void profile_finish(struct profile *profile);

/*
 * NULL when there is none; borrowed. The credentials file's value wins. The sections that a profile
 * names are part of it: "services.ecr.endpoint_url", "sso_session.sso_region".
 */
const char *profile_get(const struct profile *profile, const char *key);
const char *profile_get_from(
    const struct profile *profile, enum profile_file file, const char *key);

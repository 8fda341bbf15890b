#pragma once
/*
 * What a profile says of IAM Identity Center, in either form: a session of its own section, or
 * sso_start_url and sso_region in the profile. Source: "IAM Identity Center credential provider",
 * AWS SDKs and Tools reference guide; which settings contradict each other is botocore's.
 */
#include "credentials.h"

struct sso_settings {
	char *profile; /* its name */
	char *session; /* NULL: the older form */
	char *start_url;
	char *region;
	char *account;
	char *role;
};

/* −ENOENT when the profile has none; −EINVAL for an incomplete or contradictory one, with a text;
   as profile_load(). */
int sso_settings_read(
    const struct credential_sources *sources, struct sso_settings *ret, struct err *e);
void sso_settings_finish(struct sso_settings *settings);

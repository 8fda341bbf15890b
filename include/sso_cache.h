#pragma once
/* A file of ~/.aws/sso/cache, as AWS's tools write and read it. */
#include "json.h"
#include "sso_settings.h"

/* Zeroed means: there is none. */
struct sso_cache {
	char *path;
	struct json *root; /* every member, whoever wrote it; NULL: no such file, or no JSON */
	const char *access_token; /* of root; NULL when it has none that can be sent */
	int64_t expires_s;
};

/*
 * 0 also when the file is missing or broken: it then has no access_token. −EINVAL with a text
 * without a home directory, −ENOMEM.
 */
int sso_cache_read(const struct sso_settings *settings, const struct credential_sources *sources,
    struct sso_cache *ret, struct err *e);
/* Wipes. */
void sso_cache_finish(struct sso_cache *cache);

/* May it be sent as a field? NULL is none. */
bool sso_cache_is_token(const char *text);

/* What CreateToken answered. */
struct sso_renewal {
	const char *access_token;
	const char *refresh_token; /* NULL: the old one goes on */
	int64_t expires_s;
};

/* The file's new text: every member but what was renewed, and that. Appends; 0 or −ENOMEM. */
int sso_cache_format(
    const struct sso_cache *cache, const struct sso_renewal *renewal, struct str *ret);

#include "sso_cache.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "digest.h"
#include "file.h"
#include "file_stamps.h"
#include "str.h"
#include "timefmt.h"

/* Tokens are some KiB. */
enum { CACHE_MAX = 256 * 1024 };

static int find_path(const struct sso_settings *settings, const struct credential_sources *sources,
    char **ret, struct err *e)
{
	const char *name = settings->session ? settings->session : settings->start_url;
	char hex[SHA1_HEX_SIZE];

	if (!sources->home)
		return err_set(e, -EINVAL,
		    "profile \"%s\" uses IAM Identity Center, whose tokens are in the home "
		    "directory: set HOME",
		    settings->profile);
	if (sha1_hex(name, strlen(name), hex) < 0)
		return err_set(e, -EIO,
		    "OpenSSL refuses SHA-1, by which the files of "
		    "`aws sso login` are named");
	return asprintf(ret, "%s/.aws/sso/cache/%s.json", sources->home, hex) < 0 ? -ENOMEM : 0;
}

bool sso_cache_is_token(const char *text)
{
	if (!text || !*text)
		return false;
	for (; *text; text++)
		if (*text <= ' ' || *text > '~')
			return false;
	return true;
}

static void take_token(struct sso_cache *cache)
{
	const char *token = json_string(json_get(cache->root, "accessToken"));
	const char *expires = json_string(json_get(cache->root, "expiresAt"));

	if (sso_cache_is_token(token) && expires && time_parse_iso(expires, &cache->expires_s) == 0)
		cache->access_token = token;
}

int sso_cache_read(const struct sso_settings *settings, const struct credential_sources *sources,
    struct sso_cache *ret, struct err *e)
{
	_cleanup_(sso_cache_finish) struct sso_cache cache = {};
	_cleanup_str_ struct str text = {};
	int r;

	r = find_path(settings, sources, &cache.path, e);
	if (r >= 0 && sources->seen)
		r = file_stamps_add(sources->seen, cache.path);
	if (r >= 0) {
		r = file_read(cache.path, CACHE_MAX, &text);
		if (r >= 0)
			r = json_parse(str_text(&text), text.len, &cache.root, NULL);
		/* As good as none: a person has to sign in. */
		r = r == -ENOMEM ? r : 0;
	}
	if (r < 0)
		return r;
	take_token(&cache);
	*ret = cache;
	cache = (struct sso_cache){};
	return 0;
}

void sso_cache_finish(struct sso_cache *cache)
{
	free(cache->path);
	json_free(cache->root);
	*cache = (struct sso_cache){};
}

static int begin_member(struct str *out, const char *name)
{
	int r;

	r = str_append_text(out, out->len ? ", " : "{");
	if (r >= 0)
		r = json_write_string(out, name);
	return r < 0 ? r : str_append_text(out, ": ");
}

static int write_text(struct str *out, const char *name, const char *text)
{
	int r = begin_member(out, name);

	return r < 0 ? r : json_write_string(out, text);
}

static bool is_renewed(const struct sso_renewal *renewal, const char *name)
{
	return !strcmp(name, "accessToken") || !strcmp(name, "expiresAt") ||
	       (renewal->refresh_token && !strcmp(name, "refreshToken"));
}

static int write_kept(
    const struct sso_cache *cache, const struct sso_renewal *renewal, struct str *out)
{
	int r = 0;

	for (size_t i = 0; i < json_len(cache->root) && r >= 0; i++) {
		const struct json *member = json_at(cache->root, i);

		if (is_renewed(renewal, json_name(member)))
			continue;
		r = begin_member(out, json_name(member));
		if (r >= 0)
			r = json_write(out, member);
	}
	return r;
}

int sso_cache_format(
    const struct sso_cache *cache, const struct sso_renewal *renewal, struct str *ret)
{
	_cleanup_str_ struct str text = {};
	char expires[TIME_ISO_SIZE];
	int r;

	time_format_iso(renewal->expires_s * 1000, expires);
	/* Whole seconds: that is how the tools write it. */
	strcpy(strchr(expires, '.'), "Z");
	r = write_kept(cache, renewal, &text);
	if (r >= 0)
		r = write_text(&text, "accessToken", renewal->access_token);
	if (r >= 0)
		r = write_text(&text, "expiresAt", expires);
	if (r >= 0 && renewal->refresh_token)
		r = write_text(&text, "refreshToken", renewal->refresh_token);
	if (r >= 0)
		r = str_append_text(&text, "}");
	return r < 0 ? r : str_append(ret, text.data, text.len);
}

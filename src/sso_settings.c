#include "sso_settings.h"

#include <errno.h>
#include <string.h>

#include "profile.h"
#include "str.h"

/* From the session, where there is one, else from the profile; both must not differ. */
static int read_one(const struct profile *profile, const char *key, char **ret, struct err *e)
{
	_cleanup_str_ struct str of_session_key = {};
	const char *own = profile_get(profile, key), *of_session;

	if (str_appendf(&of_session_key, "sso_session.%s", key) < 0)
		return -ENOMEM;
	of_session = profile_get(profile, of_session_key.data);
	if (own && of_session && strcmp(own, of_session) != 0)
		return err_set(e, -EINVAL,
		    "%s of profile \"%s\" differs from its sso-session's: take it out of one", key,
		    profile->name);
	if (!own)
		own = of_session;
	if (!own)
		return err_set(e, -EINVAL,
		    "profile \"%s\" uses IAM Identity Center but has no %s: add it, or run "
		    "`aws configure sso --profile %s`",
		    profile->name, key, profile->name);
	*ret = strdup(own);
	return *ret ? 0 : -ENOMEM;
}

static int check_session(const struct profile *profile, const char *session, struct err *e)
{
	if (!profile_files_has(profile->files, PROFILE_CONFIG_FILE, "sso-session", session))
		return err_set(e, -EINVAL,
		    "profile \"%s\" names the sso-session \"%s\", which %s does not have: add "
		    "[sso-session %s]",
		    profile->name, session, profile_files_path(profile->files, PROFILE_CONFIG_FILE),
		    session);
	/* The token is the session's, whatever the profile says. */
	if (!profile_get(profile, "sso_session.sso_start_url") ||
	    !profile_get(profile, "sso_session.sso_region"))
		return err_set(e, -EINVAL,
		    "[sso-session %s] needs sso_start_url and sso_region: add them", session);
	return 0;
}

static int read_all(const struct profile *profile, struct sso_settings *settings, struct err *e)
{
	const char *session = profile_get(profile, "sso_session");
	int r = session ? check_session(profile, session, e) : 0;

	if (r >= 0)
		r = read_one(profile, "sso_role_name", &settings->role, e);
	if (r >= 0)
		r = read_one(profile, "sso_account_id", &settings->account, e);
	if (r >= 0)
		r = read_one(profile, "sso_start_url", &settings->start_url, e);
	if (r >= 0)
		r = read_one(profile, "sso_region", &settings->region, e);
	if (r < 0)
		return r;
	settings->profile = strdup(profile->name);
	settings->session = session ? strdup(session) : NULL;
	return settings->profile && (!session || settings->session) ? 0 : -ENOMEM;
}

int sso_settings_read(
    const struct credential_sources *sources, struct sso_settings *ret, struct err *e)
{
	_cleanup_(sso_settings_finish) struct sso_settings settings = {};
	_cleanup_(profile_finish) struct profile profile = {};
	int r;

	r = profile_load(sources, &profile, e);
	if (r < 0)
		return r;
	/* A session alone is for other things than credentials. */
	if (!profile_get(&profile, "sso_role_name") && !profile_get(&profile, "sso_account_id"))
		return -ENOENT;
	r = read_all(&profile, &settings, e);
	if (r < 0)
		return r;
	*ret = settings;
	settings = (struct sso_settings){};
	return 0;
}

void sso_settings_finish(struct sso_settings *settings)
{
	free(settings->profile);
	free(settings->session);
	free(settings->start_url);
	free(settings->region);
	free(settings->account);
	free(settings->role);
	*settings = (struct sso_settings){};
}

#include "cred_profile.h"

#include <errno.h>

#include "profile.h"

/* `aws login` comes between the two files; to pass it over would take other keys instead. */
static int refuse_login(const struct profile *profile, struct err *e)
{
	if (!profile_get(profile, "login_session"))
		return -ENOENT;
	return err_set(e, -EINVAL,
	    "profile \"%s\" has login_session, which is not supported: set AWS_ACCESS_KEY_ID and "
	    "its like, as `aws configure export-credentials --profile %s --format env` prints them",
	    profile->name, profile->name);
}

static int static_keys(const struct profile *profile, enum profile_file file, const char *source,
    struct credentials **ret, struct err *e)
{
	const char *path = profile_files_path(profile->files, file);
	const char *id = profile_get_from(profile, file, "aws_access_key_id");
	const char *secret = profile_get_from(profile, file, "aws_secret_access_key");
	/* The older name first, as botocore has it. */
	const char *token = profile_get_from(profile, file, "aws_security_token");
	_cleanup_(credentials_unrefp) struct credentials *credentials = NULL;
	int r;

	if (!id)
		return -ENOENT;
	if (!secret)
		return err_set(e, -EINVAL,
		    "profile \"%s\" in %s has aws_access_key_id but no "
		    "aws_secret_access_key: add it",
		    profile->name, path);
	if (!token)
		token = profile_get_from(profile, file, "aws_session_token");
	r = credentials_new(id, secret, token, 0, source, &credentials);
	if (r == -EINVAL)
		return err_set(e, r,
		    "a key of profile \"%s\" in %s holds a blank or what no key has: write it anew",
		    profile->name, path);
	if (r >= 0)
		r = credentials_set_owner(
		    credentials, profile_get_from(profile, file, "aws_account_id"), NULL);
	if (r >= 0)
		*ret = TAKE_PTR(credentials);
	return r;
}

int cred_credentials_file(
    const struct credential_sources *sources, struct credentials **ret, struct err *e)
{
	_cleanup_(profile_finish) struct profile profile = {};
	int r;

	r = profile_load(sources, &profile, e);
	if (r < 0)
		return r;
	r = static_keys(&profile, PROFILE_CREDENTIALS_FILE, "shared-credentials-file", ret, e);
	return r == -ENOENT ? refuse_login(&profile, e) : r;
}

int cred_config_file(
    const struct credential_sources *sources, struct credentials **ret, struct err *e)
{
	_cleanup_(profile_finish) struct profile profile = {};
	int r;

	r = profile_load(sources, &profile, e);
	if (r < 0)
		return r;
	return static_keys(&profile, PROFILE_CONFIG_FILE, "config-file", ret, e);
}

#include "cred_profile.h"

#include <errno.h>

#include "profile.h"

/* botocore's order of preference within one profile, as far as static keys are concerned. */
static const char *const before_credentials_file[] = {"role_arn", "web_identity_token_file", NULL};
static const char *const after_credentials_file[] = {"login_session", NULL};

static int refuse_unsupported(const struct profile *profile, const char *key, struct err *e)
{
	return err_set(e, -EINVAL,
	    "profile \"%s\" has %s, which is not supported yet: set AWS_ACCESS_KEY_ID and its "
	    "like, as `aws configure export-credentials --profile %s --format env` prints them",
	    profile->name, key, profile->name);
}

static int check_unsupported(const struct profile *profile, const char *const *keys, struct err *e)
{
	for (; *keys; keys++)
		if (profile_get(profile, *keys))
			return refuse_unsupported(profile, *keys, e);
	return 0;
}

static int static_keys(const struct profile *profile, enum profile_file file, const char *source,
    struct credentials **ret, struct err *e)
{
	const char *path = profile_files_path(profile->files, file);
	const char *id = profile_get_from(profile, file, "aws_access_key_id");
	const char *secret = profile_get_from(profile, file, "aws_secret_access_key");
	/* The older name first, as botocore has it. */
	const char *token = profile_get_from(profile, file, "aws_security_token");
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
	r = credentials_new(id, secret, token, 0, source, ret);
	if (r == -EINVAL)
		return err_set(e, r,
		    "a key of profile \"%s\" in %s holds a blank or what no key has: write it anew",
		    profile->name, path);
	return r;
}

/* Until they are supported: never other keys instead. */
static int refuse_preferred(
    const struct credential_sources *sources, const struct profile *profile, struct err *e)
{
	/* A role of the environment is preferred to static keys as one of the profile is. */
	if (!sources->profile && credential_variable(sources, "AWS_WEB_IDENTITY_TOKEN_FILE"))
		return err_set(e, -EINVAL,
		    "AWS_WEB_IDENTITY_TOKEN_FILE is not supported yet: unset it, or set "
		    "AWS_ACCESS_KEY_ID and its like");
	return check_unsupported(profile, before_credentials_file, e);
}

int cred_credentials_file(
    const struct credential_sources *sources, struct credentials **ret, struct err *e)
{
	_cleanup_(profile_finish) struct profile profile = {};
	int r;

	r = profile_load(sources, &profile, e);
	if (r >= 0)
		r = refuse_preferred(sources, &profile, e);
	if (r < 0)
		return r;
	r = static_keys(&profile, PROFILE_CREDENTIALS_FILE, "shared-credentials-file", ret, e);
	if (r != -ENOENT)
		return r;
	r = check_unsupported(&profile, after_credentials_file, e);
	return r < 0 ? r : -ENOENT;
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

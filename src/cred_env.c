#include "cred_env.h"

#include <errno.h>
#include <stddef.h>

#include "timefmt.h"

int cred_env(const struct credential_sources *sources, struct credentials **ret, struct err *e)
{
	const char *id = credential_variable(sources, "AWS_ACCESS_KEY_ID");
	const char *secret = credential_variable(sources, "AWS_SECRET_ACCESS_KEY");
	/* The older name first, as botocore has it. */
	const char *token = credential_variable(sources, "AWS_SECURITY_TOKEN");
	const char *expiration = credential_variable(sources, "AWS_CREDENTIAL_EXPIRATION");
	_cleanup_(credentials_unrefp) struct credentials *credentials = NULL;
	int64_t expires_s = 0;
	int r;

	if (!id)
		return -ENOENT;
	if (!secret)
		return err_set(e, -EINVAL,
		    "AWS_ACCESS_KEY_ID is set but AWS_SECRET_ACCESS_KEY is not: set both or none");
	if (!token)
		token = credential_variable(sources, "AWS_SESSION_TOKEN");
	if (expiration && time_parse_iso(expiration, &expires_s) < 0)
		return err_set(e, -EINVAL,
		    "AWS_CREDENTIAL_EXPIRATION is no ISO 8601 time such as 2026-01-02T03:04:05Z");
	r = credentials_new(id, secret, token, expires_s, "env", &credentials);
	if (r == -EINVAL)
		return err_set(e, r,
		    "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY or AWS_SESSION_TOKEN holds a blank "
		    "or what no key has: set it anew");
	if (r >= 0)
		r = credentials_set_owner(
		    credentials, credential_variable(sources, "AWS_ACCOUNT_ID"), NULL);
	if (r >= 0)
		*ret = TAKE_PTR(credentials);
	return r;
}

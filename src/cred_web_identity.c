#include "cred_web_identity.h"

#include <errno.h>
#include <string.h>

#include "cred_role.h"
#include "file.h"
#include "file_stamps.h"
#include "profile.h"
#include "str.h"

struct reader {
	const struct credential_sources *sources;
	struct profile profile;
};

/* With an explicit profile the environment is passed over. */
static const char *find(const struct reader *reader, const char *variable, const char *key)
{
	const char *value = NULL;

	if (!reader->sources->profile)
		value = credential_variable(reader->sources, variable);
	return value ? value : profile_get(&reader->profile, key);
}

static int read_token(
    const struct credential_sources *sources, const char *path, struct str *ret, struct err *e)
{
	int r;

	if (sources->seen && file_stamps_add(sources->seen, path) < 0)
		return -ENOMEM;
	r = file_read(path, WEB_IDENTITY_TOKEN_MAX, ret);
	if (r == -ENOMEM)
		return r;
	if (r < 0)
		return err_set(e, -EINVAL,
		    "cannot read the web identity token in %s: %s; put it there, or unset "
		    "AWS_WEB_IDENTITY_TOKEN_FILE",
		    path, strerror(-r));
	/* What an editor or echo puts behind it. */
	while (ret->len > 0 && strchr("\r\n", ret->data[ret->len - 1]))
		ret->data[--ret->len] = '\0';
	if (ret->len == 0 || strlen(ret->data) != ret->len)
		return err_set(e, -EINVAL, "%s holds no web identity token: put it there", path);
	return 0;
}

static int assume(
    const struct reader *reader, const char *path, struct credentials **ret, struct err *e)
{
	_cleanup_str_ struct str token = {};
	struct sts_role role = {
	    .arn = find(reader, "AWS_ROLE_ARN", "role_arn"),
	    .session_name = find(reader, "AWS_ROLE_SESSION_NAME", "role_session_name"),
	};
	int r;

	if (!role.arn)
		return err_set(e, -EINVAL,
		    "there is a web identity token in %s but no role to assume: set AWS_ROLE_ARN "
		    "or role_arn of profile \"%s\"",
		    path, reader->profile.name);
	r = read_token(reader->sources, path, &token, e);
	if (r < 0)
		return r;
	role.web_identity = token.data;
	return cred_role_assume(reader->sources, NULL, &role, ret, e);
}

int cred_web_identity(
    const struct credential_sources *sources, struct credentials **ret, struct err *e)
{
	struct reader reader = {.sources = sources};
	const char *path;
	int r;

	r = profile_load(sources, &reader.profile, e);
	if (r < 0)
		return r;
	path = find(&reader, "AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file");
	r = path ? assume(&reader, path, ret, e) : -ENOENT;
	profile_finish(&reader.profile);
	return r;
}

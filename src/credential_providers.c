#include "credential_providers.h"

#include <errno.h>
#include <stddef.h>

#include "cred_env.h"
#include "cred_profile.h"
#include "profile_files.h"

/* What a profile itself may hold. */
static const credential_provider of_profile[] = {
    cred_credentials_file,
    cred_config_file,
    NULL,
};

/* Of the machine, whatever the profile. */
static const credential_provider of_machine[] = {
    NULL,
};

static int ask(const credential_provider *providers, const struct credential_sources *sources,
    struct credentials **ret, struct err *e)
{
	int r = -ENOENT;

	for (; *providers && r == -ENOENT; providers++)
		r = (*providers)(sources, ret, e);
	return r;
}

int credential_providers_ask(
    const struct credential_sources *sources, struct credentials **ret, struct err *e)
{
	_cleanup_(profile_files_freep) struct profile_files *files = NULL;
	struct credential_sources look = *sources;
	int r = sources->profile ? -ENOENT : cred_env(sources, ret, e);

	if (r != -ENOENT)
		return r;
	r = profile_files_read(sources, &files, e);
	if (r < 0)
		return r;
	look.files = files;
	r = ask(of_profile, &look, ret, e);
	if (r == -ENOENT)
		r = ask(of_machine, &look, ret, e);
	if (r == -ENOENT)
		return err_set(e, r,
		    "no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run "
		    "`aws configure` (those of a container or an instance are not supported yet)");
	return r;
}

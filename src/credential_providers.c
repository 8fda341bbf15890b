#include "credential_providers.h"

#include <errno.h>
#include <stddef.h>

#include "cred_env.h"
#include "cred_profile.h"

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
	int r = sources->profile ? -ENOENT : cred_env(sources, ret, e);

	if (r == -ENOENT)
		r = ask(of_profile, sources, ret, e);
	if (r == -ENOENT)
		r = ask(of_machine, sources, ret, e);
	if (r == -ENOENT)
		return err_set(e, r,
		    "no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run "
		    "`aws configure` (those of a container or an instance are not supported yet)");
	return r;
}

#include "credential_providers.h"

#include <errno.h>
#include <stddef.h>

#include "cred_assume_role.h"
#include "cred_container.h"
#include "cred_env.h"
#include "cred_imds.h"
#include "cred_process.h"
#include "cred_profile.h"
#include "cred_sso.h"
#include "cred_web_identity.h"
#include "profile_files.h"

/* What a profile itself may hold, when it is the source of another one's role too. */
static const credential_provider of_profile[] = {
    cred_web_identity,
    cred_sso,
    cred_credentials_file,
    cred_process,
    cred_config_file,
    NULL,
};

/* Of the machine, whatever the profile. */
static const credential_provider of_machine[] = {
    cred_container,
    cred_imds,
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

int credential_providers_ask_profile(
    const struct credential_sources *sources, struct credentials **ret, struct err *e)
{
	return ask(of_profile, sources, ret, e);
}

/* reason: of the last one that was asked, which is no better off than the rest. */
static int refuse(const struct credential_sources *sources, const struct err *reason, struct err *e)
{
	if (sources->profile)
		return err_set(e, -ENOENT,
		    "profile \"%s\" has no credentials: run `aws configure --profile %s`, or give "
		    "it role_arn, sso_session or credential_process (%s)",
		    sources->profile, sources->profile, reason->text);
	return err_set(e, -ENOENT,
	    "no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; or choose by "
	    "AWS_PROFILE a profile with keys, role_arn, sso_session or credential_process (`aws "
	    "configure`, `aws sso login`); or set AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN; "
	    "or run in an ECS task, an EKS pod or on an EC2 instance with a role (%s)",
	    reason->text);
}

int credential_providers_ask(
    const struct credential_sources *sources, struct credentials **ret, struct err *e)
{
	_cleanup_(profile_files_freep) struct profile_files *files = NULL;
	struct credential_sources look = *sources;
	struct err reason = {};
	int r = sources->profile ? -ENOENT : cred_env(sources, ret, e);

	if (r != -ENOENT)
		return r;
	r = profile_files_read(sources, &files, e);
	if (r < 0)
		return r;
	look.files = files;
	r = cred_assume_role(&look, ret, e);
	if (r == -ENOENT)
		r = ask(of_profile, &look, ret, e);
	if (r != -ENOENT)
		return r;
	r = ask(of_machine, &look, ret, &reason);
	if (r == -ENOENT)
		return refuse(sources, &reason, e);
	return r < 0 ? err_set(e, r, "%s", reason.text) : r;
}

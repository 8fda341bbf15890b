#include "cred_assume_role.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cred_container.h"
#include "cred_env.h"
#include "cred_imds.h"
#include "cred_role.h"
#include "credential_providers.h"
#include "profile.h"

/* One profile of the chain; the first one is the profile in use. */
struct link {
	const struct credential_sources *sources; /* of the profile in use: its STS is asked */
	const struct link *before;
	unsigned number;
	struct profile profile;
};

static const struct {
	const char *name;
	credential_provider provider;
} machine_sources[] = {
    {"Environment", cred_env},
    {"EcsContainer", cred_container},
    {"Ec2InstanceMetadata", cred_imds},
};

/* A web identity's role is another provider's. */
static bool has_role(const struct profile *profile)
{
	return profile_get(profile, "role_arn") && !profile_get(profile, "web_identity_token_file");
}

static bool has_static_keys(const struct profile *profile)
{
	return profile_get(profile, "aws_access_key_id") ||
	       profile_get(profile, "aws_secret_access_key");
}

static int check_mfa(const struct link *link, struct err *e)
{
	const char *name = link->profile.name;

	if (!profile_get(&link->profile, "mfa_serial"))
		return 0;
	return err_set(e, -EINVAL,
	    "profile \"%s\" asks for an MFA code (mfa_serial), which a daemon cannot enter: let "
	    "`aws configure export-credentials --profile %s --format env` ask for it and start "
	    "this daemon with what it prints, or use a role without MFA",
	    name, name);
}

/* In a chain that comes back to a profile; it may name itself when it has keys of its own. */
static int check_loop(const struct link *link, const struct profile *source, struct err *e)
{
	const struct link *visited = link;

	while (visited && strcmp(visited->profile.name, source->name) != 0)
		visited = visited->before;
	if (visited && (visited != link || !has_static_keys(source)))
		return err_set(e, -EINVAL,
		    "source_profile of profile \"%s\" goes round in a circle back to \"%s\": let "
		    "one of them have keys instead",
		    link->profile.name, source->name);
	if (link->number >= ROLE_CHAIN_MAX)
		return err_set(e, -EINVAL,
		    "more than %d profiles name each other by source_profile: shorten that",
		    ROLE_CHAIN_MAX);
	return 0;
}

static int assume(struct link *link, struct credentials **ret, struct err *e);

/* What the source profile has itself, else the role that it names in turn. */
static int from_profile(
    const struct link *link, const char *name, struct credentials **ret, struct err *e)
{
	struct credential_sources sources = *link->sources;
	struct link next = {.sources = link->sources, .before = link, .number = link->number + 1};
	struct err why = {};
	int r;

	sources.profile = name;
	r = profile_load(&sources, &next.profile, &why);
	if (r == -ENOMEM)
		return r;
	if (r < 0)
		return err_set(e, -EINVAL, "source_profile of profile \"%s\": %s",
		    link->profile.name, why.text);
	r = check_loop(link, &next.profile, e);
	if (r >= 0 && has_role(&next.profile) && !has_static_keys(&next.profile))
		r = assume(&next, ret, e);
	else if (r >= 0)
		r = credential_providers_ask_profile(&sources, ret, e);
	profile_finish(&next.profile);
	if (r == -ENOENT)
		return err_set(e, -EINVAL,
		    "profile \"%s\" (source_profile of \"%s\") has no credentials: add some, or "
		    "name another one",
		    name, link->profile.name);
	return r;
}

static int from_machine(
    const struct link *link, const char *name, struct credentials **ret, struct err *e)
{
	for (size_t i = 0; i < sizeof(machine_sources) / sizeof(*machine_sources); i++) {
		struct err why = {};
		int r;

		if (strcmp(machine_sources[i].name, name) != 0)
			continue;
		r = machine_sources[i].provider(link->sources, ret, &why);
		if (r == -ENOENT)
			return err_set(e, -EINVAL,
			    "credential_source %s of profile \"%s\" has no credentials here: put "
			    "some there, or name another source%s%s%s",
			    name, link->profile.name, *why.text ? " (" : "", why.text,
			    *why.text ? ")" : "");
		return r < 0 ? err_set(e, r, "%s", why.text) : r;
	}
	return err_set(e, -EINVAL,
	    "credential_source \"%s\" of profile \"%s\" is none: set it to Environment, "
	    "Ec2InstanceMetadata or EcsContainer",
	    name, link->profile.name);
}

static int find_source(const struct link *link, struct credentials **ret, struct err *e)
{
	const char *profile = profile_get(&link->profile, "source_profile");
	const char *machine = profile_get(&link->profile, "credential_source");

	if (profile && machine)
		return err_set(e, -EINVAL,
		    "profile \"%s\" has both source_profile and credential_source: remove one",
		    link->profile.name);
	if (!profile && !machine)
		return err_set(e, -EINVAL,
		    "profile \"%s\" has role_arn but neither source_profile nor "
		    "credential_source: add one",
		    link->profile.name);
	return profile ? from_profile(link, profile, ret, e) : from_machine(link, machine, ret, e);
}

/* As botocore: what is no number is as if it were not there; its range is STS's to check. */
static unsigned read_duration(const struct profile *profile)
{
	const char *text = profile_get(profile, "duration_seconds");
	unsigned long duration;

	if (!text || text[strspn(text, "0123456789")])
		return 0;
	duration = strtoul(text, NULL, 10);
	return duration < UINT_MAX ? (unsigned)duration : UINT_MAX;
}

static int assume(struct link *link, struct credentials **ret, struct err *e)
{
	_cleanup_(credential_chain_freep) struct credential_chain *chain = NULL;
	_cleanup_(credentials_unrefp) struct credentials *with = NULL;
	const struct sts_role role = {
	    .arn = profile_get(&link->profile, "role_arn"),
	    .session_name = profile_get(&link->profile, "role_session_name"),
	    .external_id = profile_get(&link->profile, "external_id"),
	    .duration_s = read_duration(&link->profile),
	};
	struct err why = {};
	int r;

	r = check_mfa(link, e);
	if (r >= 0)
		r = find_source(link, &with, e);
	if (r >= 0)
		r = credential_chain_new_fixed(with, link->sources->now_s, &chain);
	if (r < 0)
		return r;
	r = cred_role_assume(link->sources, chain, &role, ret, &why);
	return r < 0 ? err_set(e, r, "profile \"%s\": %s", link->profile.name, why.text) : r;
}

int cred_assume_role(
    const struct credential_sources *sources, struct credentials **ret, struct err *e)
{
	struct link first = {.sources = sources, .number = 1};
	int r;

	r = profile_load(sources, &first.profile, e);
	if (r >= 0)
		r = has_role(&first.profile) ? assume(&first, ret, e) : -ENOENT;
	profile_finish(&first.profile);
	return r;
}

/* Which registry, and who we are: from files and the environment, and what the credentials need. */
#include <errno.h>
#include <string.h>

#include "clock.h"
#include "doctor_checks.h"
#include "ecr_host.h"

static int check_registry(struct patient *patient, struct finding *f)
{
	const struct config_registry *chosen = patient->chosen;
	const struct identity_choice own = {.region = check_region(patient)};
	const struct registry_choice choice = {
	    chosen->host, chosen->endpoint, chosen->profile, chosen->role_arn, chosen->external_id};
	int r;

	if (!chosen->host) {
		r = identities_get(patient->setup.identities, &own, &patient->api);
	} else {
		r = registry_book_get(patient->setup.book, &choice, &patient->registry, &f->what);
		if (r == 0)
			patient->api = patient->registry->api;
	}
	if (r < 0)
		return DOCTOR_FAIL;
	return err_set(
	    &f->what, DOCTOR_OK, "%s", chosen->host ?: "none is named: that of the AWS identity");
}

static int differs(struct patient *patient, struct finding *f)
{
	const char *settings = patient->setup.settings.region;
	const struct registry *registry = patient->registry;

	err_set(&f->remedy, 0,
	    "name the registry of %s instead; or, if this one is meant: export AWS_REGION=%s",
	    settings, registry->region);
	return err_set(&f->what, DOCTOR_WARN,
	    "%s is in %s, but the AWS settings say %s: pushes, new repositories and tokens are "
	    "those of %s",
	    registry->host, registry->region, settings, registry->region);
}

/* Several registries are meant to be in several regions; one that differs may be a slip. */
static int check_region_of(struct patient *patient, struct finding *f)
{
	const char *settings = patient->setup.settings.region;
	const char *region = check_region(patient);

	if (!region)
		return err_set(
		    &f->what, DOCTOR_FAIL, "no AWS region: set AWS_REGION, or name a registry");
	if (settings && !ecr_region_partition(settings)) {
		err_set(&f->remedy, 0, "export AWS_REGION=eu-west-1, or the region that is meant");
		return err_set(&f->what, DOCTOR_FAIL, "%s is no AWS region", settings);
	}
	if (settings && strcmp(settings, region) != 0 && patient->config->registries_len == 1)
		return differs(patient, f);
	return err_set(&f->what, DOCTOR_OK, "%s", region);
}

static int check_credentials(struct patient *patient, struct finding *f)
{
	struct credential_chain *chain = aws_api_chain(patient->api);
	int r;

	r = credential_chain_get_by(chain,
	    clock_within_ms(CHECK_CREDENTIALS_MS, patient->deadline_ms), &patient->credentials,
	    &f->what);
	if (r == -ENOENT && patient->daemon_runs)
		err_set(&f->remedy, 0,
		    "the daemon that runs may have some: ask with its environment, as `man "
		    "ecr-upsertd` says under SYSTEMD");
	else if (r == -ENOENT)
		err_set(&f->remedy, 0,
		    "put keys where every AWS tool finds them: `aws configure`, `aws sso login`, "
		    "AWS_PROFILE");
	if (r < 0)
		return DOCTOR_FAIL;
	return err_set(&f->what, DOCTOR_OK, "%s from %s", patient->credentials->access_key_id,
	    patient->credentials->source);
}

const struct check identity_checks[] = {
    {"registry", check_registry, FACT_CONFIG | FACT_SETTINGS,
	FACT_REGISTRY | FACT_HOST | FACT_STS | FACT_API, false,
	"correct its name in the configuration, or --registry"},
    {"region", check_region_of, FACT_REGISTRY, 0, false,
	"export AWS_REGION=eu-west-1, or the region that is meant"},
    {"credentials", check_credentials, FACT_REGISTRY, FACT_CREDENTIALS, false,
	"see what answers where they come from: `aws sts get-caller-identity`"},
    {},
};

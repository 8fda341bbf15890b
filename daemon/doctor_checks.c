#include "doctor_checks.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "clock.h"
#include "config_path.h"
#include "ecr_api.h"
#include "ecr_host.h"
#include "limits.h"

static enum doctor_state check_configuration(struct patient *patient, struct err *e)
{
	_cleanup_(freep) char *path = NULL;
	_cleanup_str_ struct str problems = {};
	int r;

	r = config_path(patient->options->config, &path);
	if (r == 0)
		r = path ? config_load(path, &patient->config, &problems)
			 : config_default(&patient->config);
	if (r < 0) {
		/* The first one: check-config shows them all. */
		if (problems.len)
			err_set(e, 0, "%.*s", (int)strcspn(problems.data, "\n"), problems.data);
		return DOCTOR_FAIL;
	}
	err_set(e, 0, "%s", path ?: "no file");
	return DOCTOR_OK;
}

static enum doctor_state check_settings(struct patient *patient, struct err *e)
{
	if (aws_settings_read(&patient->sources, &patient->settings, e) < 0 ||
	    tls_new(patient->settings.ca_bundle, &patient->tls, e) < 0)
		return DOCTOR_FAIL;
	patient->fetcher = (struct fetcher){.tls = patient->tls, .stop = &patient->stop};
	if (identities_new(&patient->sources, &patient->identities) < 0)
		return DOCTOR_FAIL;
	err_set(e, 0, "region %s", patient->settings.region ?: "not set");
	return DOCTOR_OK;
}

/* The registry's, else that of the settings; NULL when there is none. */
static const char *region_of(const struct patient *patient)
{
	return patient->registry ? patient->registry->region : patient->settings.region;
}

static enum doctor_state check_registry(struct patient *patient, struct err *e)
{
	const struct config_registry *chosen = patient->chosen;

	if (chosen->host && registry_new(chosen->host, chosen->endpoint, &patient->settings,
				&patient->registry, e) < 0)
		return DOCTOR_FAIL;
	err_set(e, 0, "%s", chosen->host ?: "none is named: that of the AWS identity");
	return DOCTOR_OK;
}

static enum doctor_state check_credentials(struct patient *patient, struct err *e)
{
	const struct identity_choice choice = {.profile = patient->chosen->profile,
	    .role_arn = patient->chosen->role_arn,
	    .external_id = patient->chosen->external_id,
	    .region = region_of(patient)};

	if (identities_get(patient->identities, &choice, &patient->api) < 0 ||
	    credential_chain_get(aws_api_chain(patient->api), &patient->credentials, e) < 0)
		return DOCTOR_FAIL;
	err_set(
	    e, 0, "%s from %s", patient->credentials->access_key_id, patient->credentials->source);
	return DOCTOR_OK;
}

static enum doctor_state check_identity(struct patient *patient, struct err *e)
{
	_cleanup_(freep) char *url = NULL;
	const char *region = region_of(patient);

	if (!region) {
		err_set(e, 0, "no AWS region: set AWS_REGION, or name a registry");
		return DOCTOR_FAIL;
	}
	if (aws_settings_sts_url(&patient->settings, region, &url, e) < 0 ||
	    sts_get_caller(patient->api, url, region, clock_mono_ms() + LIMIT_API_CALL_MS,
		&patient->caller, e) < 0)
		return DOCTOR_FAIL;
	err_set(
	    e, 0, "%s of account %s", patient->caller.arn ?: "somebody", patient->caller.account);
	return DOCTOR_OK;
}

static enum doctor_state check_clock(struct patient *patient, struct err *e)
{
	int64_t off_s = patient->caller.clock_offset_s;

	err_set(e, 0, "%" PRId64 " s off AWS's clock", off_s);
	return off_s >= -CLOCK_SKEW_MIN_S && off_s <= CLOCK_SKEW_MIN_S ? DOCTOR_OK : DOCTOR_WARN;
}

/* What the daemon takes where none is named. */
static int find_own_registry(struct patient *patient, struct err *e)
{
	char host[ECR_API_HOST_MAX];

	if (ecr_host_format(patient->caller.account, patient->settings.region, host) < 0)
		return err_set(
		    e, -EINVAL, "the AWS region %s is not known", patient->settings.region);
	return registry_new(host, NULL, &patient->settings, &patient->registry, e);
}

static enum doctor_state check_token(struct patient *patient, struct err *e)
{
	_cleanup_(secret_freep) char *token = NULL;
	int64_t expires_s;

	if (!patient->registry && find_own_registry(patient, e) < 0)
		return DOCTOR_FAIL;
	patient->registry->api = patient->api;
	if (ecr_get_authorization_token(patient->registry, clock_mono_ms() + LIMIT_API_CALL_MS,
		&token, &expires_s, e) != ECR_DONE)
		return DOCTOR_FAIL;
	err_set(e, 0, "for %s", patient->registry->host);
	return DOCTOR_OK;
}

const struct check machine_checks[] = {
    {"configuration", check_configuration,
	"see all that is wrong with it by `ecr-upsertd check-config`", false},
    {"aws-settings", check_settings, "correct the variable, or the profile in ~/.aws/config",
	false},
    {},
};

const struct check registry_checks[] = {
    {"registry", check_registry, "correct its name in the configuration, or --registry", false},
    {"credentials", check_credentials,
	"put keys where every AWS tool finds them: `aws configure`, `aws sso login`, AWS_PROFILE",
	false},
    {"identity", check_identity, "check the keys, and the way to sts.REGION.amazonaws.com", true},
    {"clock", check_clock, "set the clock: `timedatectl set-ntp true`", true},
    {"token", check_token, "grant ecr:GetAuthorizationToken, and check the way to ECR's API", true},
    {},
};

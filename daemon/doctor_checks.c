#include "doctor_checks.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "clock.h"
#include "configuration.h"
#include "ecr_api.h"
#include "ecr_host.h"
#include "limits.h"

static enum doctor_state check_configuration(struct patient *patient, struct err *e)
{
	_cleanup_(freep) char *path = NULL;
	_cleanup_str_ struct str problems = {};

	if (configuration_load(patient->options, &patient->config, &path, &problems) !=
	    EXIT_CODE_DONE) {
		/* The first one: check-config shows them all. */
		err_set(e, 0, "%.*s", (int)strcspn(str_text(&problems), "\n"), str_text(&problems));
		return DOCTOR_FAIL;
	}
	err_set(e, 0, "%s", path ?: "no file");
	return DOCTOR_OK;
}

static enum doctor_state check_settings(struct patient *patient, struct err *e)
{
	if (setup_init(&patient->setup, e) != EXIT_CODE_DONE)
		return DOCTOR_FAIL;
	err_set(e, 0, "region %s", patient->setup.settings.region ?: "not set");
	return DOCTOR_OK;
}

/* The registry's, else that of the settings; NULL when there is none. */
static const char *region_of(const struct patient *patient)
{
	return patient->registry ? patient->registry->region : patient->setup.settings.region;
}

static int find_registry(
    struct patient *patient, const struct config_registry *chosen, struct err *e)
{
	const struct registry_choice choice = {
	    chosen->host, chosen->endpoint, chosen->profile, chosen->role_arn, chosen->external_id};
	int r;

	r = registry_book_get(patient->setup.book, &choice, &patient->registry, e);
	if (r == 0)
		patient->api = patient->registry->api;
	return r;
}

static enum doctor_state check_registry(struct patient *patient, struct err *e)
{
	const struct identity_choice own = {.region = region_of(patient)};
	int r;

	if (patient->chosen->host)
		r = find_registry(patient, patient->chosen, e);
	else
		r = identities_get(patient->setup.identities, &own, &patient->api);
	if (r < 0)
		return DOCTOR_FAIL;
	err_set(e, 0, "%s", patient->chosen->host ?: "none is named: that of the AWS identity");
	return DOCTOR_OK;
}

static enum doctor_state check_credentials(struct patient *patient, struct err *e)
{
	if (credential_chain_get(aws_api_chain(patient->api), &patient->credentials, e) < 0)
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
	if (aws_settings_sts_url(&patient->setup.settings, region, &url, e) < 0 ||
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
	const char *region = region_of(patient);

	if (ecr_host_format(patient->caller.account, region, host) < 0)
		return err_set(e, -EINVAL, "the AWS region %s is not known", region);
	return find_registry(patient, &(const struct config_registry){.host = host}, e);
}

static enum doctor_state check_token(struct patient *patient, struct err *e)
{
	_cleanup_(secret_freep) char *token = NULL;
	int64_t expires_s;

	if (!patient->registry && find_own_registry(patient, e) < 0)
		return DOCTOR_FAIL;
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

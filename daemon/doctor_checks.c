#include "doctor_checks.h"

#include <inttypes.h>
#include <stdio.h>

#include "clock.h"
#include "ecr_api.h"
#include "ecr_host.h"
#include "limits.h"

static enum doctor_state check_settings(struct patient *patient, struct err *e)
{
	if (aws_settings_read(&patient->sources, &patient->settings, e) < 0 ||
	    tls_new(patient->settings.ca_bundle, &patient->tls, e) < 0)
		return DOCTOR_FAIL;
	patient->fetcher = (struct fetcher){.tls = patient->tls, .stop = &patient->stop};
	err_set(e, 0, "region %s", patient->settings.region ?: "not set");
	return DOCTOR_OK;
}

static enum doctor_state check_credentials(struct patient *patient, struct err *e)
{
	if (credential_chain_new(&patient->sources, &patient->chain) < 0 ||
	    aws_api_new(patient->chain, &patient->fetcher, &patient->api) < 0 ||
	    credential_chain_get(patient->chain, &patient->credentials, e) < 0)
		return DOCTOR_FAIL;
	err_set(
	    e, 0, "%s from %s", patient->credentials->access_key_id, patient->credentials->source);
	return DOCTOR_OK;
}

/* The registry's, else that of the settings; NULL when there is none. */
static const char *region_of(const struct patient *patient, struct ecr_host *host)
{
	if (patient->host && ecr_host_parse(patient->host, host) == 0)
		return host->region;
	return patient->settings.region;
}

static enum doctor_state check_identity(struct patient *patient, struct err *e)
{
	_cleanup_(freep) char *url = NULL;
	struct ecr_host host;
	const char *region = region_of(patient, &host);

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

/* Host of the registry, or of that which the daemon takes where none is named. */
static int write_host(const struct patient *patient, char ret[static ECR_API_HOST_MAX])
{
	if (!patient->host)
		return ecr_host_format(patient->caller.account, patient->settings.region, ret);
	snprintf(ret, ECR_API_HOST_MAX, "%s", patient->host);
	return 0;
}

static enum doctor_state check_token(struct patient *patient, struct err *e)
{
	_cleanup_(registry_freep) struct registry *registry = NULL;
	_cleanup_(secret_freep) char *token = NULL;
	char host[ECR_API_HOST_MAX];
	int64_t expires_s;

	if (write_host(patient, host) < 0) {
		err_set(e, 0, "no registry: the AWS region is not known");
		return DOCTOR_FAIL;
	}
	if (registry_new(host, NULL, &patient->settings, &registry, e) < 0)
		return DOCTOR_FAIL;
	registry->api = patient->api;
	if (ecr_get_authorization_token(
		registry, clock_mono_ms() + LIMIT_API_CALL_MS, &token, &expires_s, e) != ECR_DONE)
		return DOCTOR_FAIL;
	err_set(e, 0, "for %s", host);
	return DOCTOR_OK;
}

const struct check machine_checks[] = {
    {"aws-settings", check_settings, "correct the variable, or the profile in ~/.aws/config",
	false},
    {},
};

const struct check identity_checks[] = {
    {"credentials", check_credentials,
	"put keys where every AWS tool finds them: `aws configure`, `aws sso login`, AWS_PROFILE",
	false},
    {"identity", check_identity, "check the keys, and the way to sts.REGION.amazonaws.com", true},
    {"clock", check_clock, "set the clock: `timedatectl set-ntp true`", true},
    {"token", check_token, "grant ecr:GetAuthorizationToken, and check the way to ECR's API", true},
    {},
};

/* What AWS says of the keys, of the time, and to the first call. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "clock.h"
#include "doctor_checks.h"
#include "ecr_api.h"
#include "ecr_host.h"

/* Where the keys come from is where they are renewed. */
static void say_renew(const struct patient *patient, struct finding *f)
{
	const char *source = patient->credentials->source;

	if (strcmp(source, "env") == 0)
		err_set(&f->remedy, 0,
		    "set the variables anew, or: unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY "
		    "AWS_SESSION_TOKEN");
	else if (strcmp(source, "sso") == 0)
		err_set(&f->remedy, 0, "aws sso login");
	else
		err_set(&f->remedy, 0,
		    "renew the keys (they come from %s), then: aws sts get-caller-identity",
		    source);
}

/* What the daemon takes where none is named. */
static int find_own_registry(struct patient *patient, struct err *e)
{
	char host[ECR_API_HOST_MAX];
	const char *region = check_region(patient);
	const struct registry_choice choice = {.host = host};

	if (ecr_host_format(patient->caller.account, region, host) < 0)
		return err_set(e, -EINVAL, "the AWS region %s is not known", region);
	return registry_book_get(patient->setup.book, &choice, &patient->registry, e);
}

static int check_identity(struct patient *patient, struct finding *f)
{
	_cleanup_(freep) char *url = NULL;
	const char *region = check_region(patient);
	int r;

	if (!region)
		return DOCTOR_SILENT; /* the line of the region says it */
	r = aws_settings_sts_url(&patient->setup.settings, region, &url, &f->what);
	if (r == 0)
		r = sts_get_caller(
		    patient->api, url, region, check_deadline(patient), &patient->caller, &f->what);
	/* Refusals have a Date too. */
	if (r == 0 || r == -EACCES || r == -EAGAIN || r == -EPERM)
		patient->facts |= FACT_CLOCK;
	patient->keys_refused = r == -EACCES;
	if (patient->keys_refused)
		say_renew(patient, f);
	if (r < 0 || (!patient->registry && find_own_registry(patient, &f->what) < 0))
		return DOCTOR_FAIL;
	return err_set(&f->what, DOCTOR_OK, "%s of account %s", patient->caller.arn ?: "somebody",
	    patient->caller.account);
}

static int check_clock(struct patient *patient, struct finding *f)
{
	int64_t off_s = clock_wall_s() - aws_api_now_s(patient->api);

	if (off_s >= -CLOCK_SKEW_MIN_S && off_s <= CLOCK_SKEW_MIN_S)
		return err_set(&f->what, DOCTOR_OK, "%" PRId64 " s off AWS's clock", off_s);
	return err_set(&f->what, DOCTOR_WARN,
	    "%" PRId64 " s %s AWS's clock: the daemon signs by AWS's, other tools are refused "
	    "from 300 s on",
	    off_s < 0 ? -off_s : off_s, off_s < 0 ? "behind" : "ahead of");
}

static int check_token(struct patient *patient, struct finding *f)
{
	_cleanup_(secret_freep) char *token = NULL;
	enum ecr_outcome outcome;
	int64_t expires_s;

	/* The line of the identity says it. */
	if (patient->keys_refused || !patient->registry)
		return DOCTOR_SILENT;
	outcome = ecr_get_authorization_token(
	    patient->registry, check_deadline(patient), &token, &expires_s, &f->what);
	if (outcome == ECR_ACCESS_DENIED)
		err_set(&f->remedy, 0,
		    "grant ecr:GetAuthorizationToken on * to %s: the managed policy "
		    "AmazonEC2ContainerRegistryPowerUser has it",
		    patient->caller.arn ?: "this identity");
	if (outcome != ECR_DONE)
		return DOCTOR_FAIL;
	return err_set(&f->what, DOCTOR_OK, "for %s", patient->registry->host);
}

const struct check aws_checks[] = {
    {"identity", check_identity, FACT_CREDENTIALS | FACT_STS, FACT_KEYS, true,
	"aws sts get-caller-identity --debug"},
    {"clock", check_clock, FACT_CLOCK, 0, true, "timedatectl set-ntp true"},
    {"host", check_own_host, FACT_KEYS, 0, true,
	"check the network and, behind a proxy, HTTPS_PROXY"},
    {"token", check_token, FACT_CREDENTIALS | FACT_API, FACT_KEYS, true,
	"check the way to ECR's API: aws ecr get-authorization-token"},
    {},
};

/* May it create? Found out without creating: about a repository that exists. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "doctor_checks.h"
#include "doctor_samples.h"
#include "ecr_api.h"
#include "ecr_rights.h"
#include "user_name.h"

static bool is_ours(void *userdata, const char *repository)
{
	const struct patient *patient = userdata;

	return sample_creates(
	    rules_find(&patient->config->rules, patient->registry->host, repository));
}

/*
 * CreateRepository for one that exists, and with a key that does not: whatever happens to that
 * repository meanwhile, this makes none.
 */
static enum ecr_outcome ask_create(
    const struct patient *patient, const char *repository, struct err *e)
{
	const struct rules *rules = &patient->config->rules;
	const struct rule *rule = rules_find(rules, patient->registry->host, repository);
	_cleanup_(repository_settings_finish) struct repository_settings settings = {};
	char missing[MISSING_SIZE], user[USER_NAME_SIZE], host[256] = "", key[MISSING_SIZE + 8];
	const struct variables variables = {
	    .repository = repository,
	    .user = user,
	    .host = host,
	    .account = patient->registry->account,
	    .region = patient->registry->region,
	    .now_s = clock_wall_s(),
	};

	sample_missing(missing);
	snprintf(key, sizeof(key), "alias/%s", missing);
	gethostname(host, sizeof(host) - 1);
	user_name(geteuid(), user);
	if (rules_settings(rules, sample_creates(rule) ? rule : NULL, NULL, &settings) < 0 ||
	    repository_settings_merge(
		&settings, &(const struct repository_settings){.encryption_type = (char *)"KMS",
			       .kms_key = key}) < 0 ||
	    repository_settings_expand(&settings, &variables) < 0)
		return err_set(e, ECR_TRANSIENT, "out of memory");
	return ecr_create_repository(
	    patient->registry, repository, &settings, check_deadline(patient), e);
}

static int judge_create(
    struct patient *patient, const char *repository, enum ecr_outcome outcome, struct finding *f)
{
	bool waits = patient->config->wait_when_denied;

	/* KmsException: it came as far as the key. */
	if (outcome == ECR_ALREADY_EXISTS ||
	    (outcome == ECR_INVALID && strstr(f->what.text, "KmsException")))
		return err_set(
		    &f->what, DOCTOR_OK, "allowed (asked about %s, which exists)", repository);
	if (outcome == ECR_ACCESS_DENIED) {
		err_set(&f->remedy, 0,
		    "grant ecr:CreateRepository (and ecr:TagResource, where rules set tags) to "
		    "%s%s",
		    patient->caller.arn ?: "this identity",
		    waits ? "" : "; or leave it to the cloud side: \"on_access_denied\": \"wait\"");
		return err_set(&f->what, waits ? DOCTOR_WARN : DOCTOR_FAIL,
		    "ECR denies ecr:CreateRepository (asked about %s, which exists)", repository);
	}
	check_say_simulate(patient, "ecr:CreateRepository", f);
	return DOCTOR_WARN;
}

int check_create(struct patient *patient, struct finding *f)
{
	_cleanup_(sample_finish) struct sample any = {};
	_cleanup_(freep) char *existing = NULL;
	enum ecr_outcome outcome;
	struct err why = {};

	if (sample_find(patient, NULL, &any) == -ENOENT)
		return err_set(&f->what, DOCTOR_OK, "no rule creates anything here");
	outcome = ecr_find_repository(
	    patient->registry, is_ours, patient, check_deadline(patient), &existing, &why);
	if (outcome == ECR_DONE && existing) {
		outcome = ask_create(patient, existing, &f->what);
		return judge_create(patient, existing, outcome, f);
	}
	check_say_simulate(patient, "ecr:CreateRepository", f);
	return err_set(&f->what, DOCTOR_WARN,
	    "whether ecr:CreateRepository is allowed cannot be known without creating: %s",
	    outcome == ECR_DONE ? "the registry has no repository yet to ask about" : why.text);
}

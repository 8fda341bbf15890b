/* What the identity may do in the registry, found out without making anything. */
#include <errno.h>
#include <string.h>

#include "arn.h"
#include "doctor_checks.h"
#include "doctor_samples.h"
#include "ecr_host.h"
#include "ecr_policies.h"
#include "ecr_rights.h"
#include "ecr_templates.h"

/* For what cannot be asked: the one call that tells it, for those who may make it. */
void check_say_simulate(const struct patient *patient, const char *actions, struct finding *f)
{
	_cleanup_str_ struct str principal = {};
	const char *partition = ecr_region_partition(patient->registry->region);

	if (!patient->caller.arn || arn_write_principal(patient->caller.arn, &principal) < 0)
		return;
	err_set(&f->remedy, 0,
	    "aws iam simulate-principal-policy --policy-source-arn %s --action-names %s "
	    "--resource-arns 'arn:%s:ecr:%s:%s:repository/*'",
	    str_text(&principal), actions, partition ?: "aws", patient->registry->region,
	    patient->registry->account);
}

static int check_templates(struct patient *patient, struct finding *f)
{
	_cleanup_str_ struct str prefixes = {};
	enum ecr_outcome outcome;

	outcome = ecr_list_create_on_push(
	    patient->registry, check_deadline(patient), &prefixes, &f->what);
	if (outcome != ECR_DONE) {
		err_set(&f->remedy, 0,
		    "grant ecr:DescribeRepositoryCreationTemplates, or let who may look: aws ecr "
		    "describe-repository-creation-templates --region %s",
		    patient->registry->region);
		return DOCTOR_WARN;
	}
	patient->templates = prefixes.len > 0 ? TEMPLATES_CREATE : TEMPLATES_NONE;
	if (patient->templates == TEMPLATES_NONE)
		return err_set(&f->what, DOCTOR_OK, "none creates on push: the rules decide");
	err_set(&f->remedy, 0,
	    "leave the creation to ECR; or, where the template is for nothing else: aws ecr "
	    "delete-repository-creation-template --region %s --prefix %.*s",
	    patient->registry->region, (int)strcspn(str_text(&prefixes), ","), str_text(&prefixes));
	return err_set(&f->what, DOCTOR_WARN,
	    "ECR itself creates what is pushed by its own templates (CREATE_ON_PUSH: %s): no rule "
	    "is asked there, and a push that is then refused leaves a blank repository",
	    str_text(&prefixes));
}

/* Noted by name; what cannot be known is neither. */
struct rights {
	struct str lacking;
	struct str unknown;
	struct err why; /* of the last unknown one */
};

static void rights_finish(struct rights *rights)
{
	str_finish(&rights->lacking);
	str_finish(&rights->unknown);
}

static int note(struct str *list, const char *right)
{
	return str_appendf(list, "%secr:%s", list->len > 0 ? ", " : "", right);
}

static int note_outcome(
    struct rights *rights, const char *right, enum ecr_outcome outcome, const struct err *why)
{
	if (outcome == ECR_NOT_FOUND)
		return 0;
	if (outcome == ECR_ACCESS_DENIED)
		return note(&rights->lacking, right);
	rights->why = *why;
	return note(&rights->unknown, right);
}

static int judge_rights(const struct patient *patient, const struct rights *rights,
    const char *repository, const char *what, struct finding *f)
{
	const struct registry *registry = patient->registry;
	const char *partition = ecr_region_partition(registry->region);

	if (rights->lacking.len > 0) {
		err_set(&f->remedy, 0, "grant %s on arn:%s:ecr:%s:%s:repository/* to %s",
		    str_text(&rights->lacking), partition ?: "aws", registry->region,
		    registry->account, patient->caller.arn ?: "this identity");
		return err_set(&f->what, DOCTOR_FAIL,
		    "%s is refused: asked about %s, ECR denies %s", what, repository,
		    str_text(&rights->lacking));
	}
	if (rights->unknown.len > 0)
		return err_set(&f->what, DOCTOR_WARN, "whether %s is allowed is not known: %s",
		    what, rights->why.text);
	return err_set(&f->what, DOCTOR_OK, "allowed for %s (asked without making it)", repository);
}

static int ask_push(struct patient *patient, const char *repository, struct rights *rights)
{
	int r = 0;

	for (const struct push_right *right = push_rights; right->name && r == 0; right++) {
		struct err why = {};
		enum ecr_outcome outcome;

		if (right->creates && patient->templates != TEMPLATES_NONE)
			continue;
		outcome = ecr_ask_push_right(
		    patient->registry, repository, right, check_deadline(patient), &why);
		r = note_outcome(rights, right->name, outcome, &why);
	}
	return r;
}

static int check_push(struct patient *patient, struct finding *f)
{
	_cleanup_(rights_finish) struct rights rights = {};
	_cleanup_(sample_finish) struct sample sample = {};
	char missing[MISSING_SIZE];
	const char *repository;
	int r, state;

	sample_missing(missing);
	r = sample_find(patient, NULL, &sample);
	repository = r == 0 ? str_text(&sample.repository) : missing;
	if (r == 0 || r == -ENOENT || r == -ERANGE)
		r = ask_push(patient, repository, &rights);
	if (r < 0)
		return DOCTOR_FAIL;
	state = judge_rights(patient, &rights, repository, "a push", f);
	if (state != DOCTOR_OK || patient->templates == TEMPLATES_NONE)
		return state;
	/* A template may create on the two calls left out. */
	check_say_simulate(patient, "ecr:InitiateLayerUpload ecr:PutImage", f);
	return err_set(&f->what, DOCTOR_WARN,
	    "whether ecr:InitiateLayerUpload and ecr:PutImage are allowed cannot be known without "
	    "creating a repository: %s; the other rights to push are there",
	    patient->templates == TEMPLATES_CREATE ? "ECR's template would"
						   : "ECR's templates are not known");
}

static bool has_lifecycle(const struct repository_settings *settings)
{
	return settings->lifecycle_policy;
}

static bool has_repository_policy(const struct repository_settings *settings)
{
	return settings->repository_policy;
}

/* The rule's own policy, for a repository that does not exist. 0 also when no rule has one. */
static int ask_policy(
    const struct patient *patient, bool lifecycle, struct sample *sample, struct rights *rights)
{
	const char *right = lifecycle ? "PutLifecyclePolicy" : "SetRepositoryPolicy";
	struct err why = {};
	enum ecr_outcome outcome;
	int r;

	r = sample_find(patient, lifecycle ? has_lifecycle : has_repository_policy, sample);
	if (r == -ERANGE) {
		err_set(&rights->why, 0, "the rules that set one are for fixed names alone");
		return note(&rights->unknown, right);
	}
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	outcome = lifecycle
		      ? ecr_put_lifecycle_policy(patient->registry, str_text(&sample->repository),
			    sample->settings.lifecycle_policy, check_deadline(patient), &why)
		      : ecr_set_repository_policy(patient->registry, str_text(&sample->repository),
			    sample->settings.repository_policy, check_deadline(patient), &why);
	return note_outcome(rights, right, outcome, &why);
}

static int check_policies(struct patient *patient, struct finding *f)
{
	_cleanup_(rights_finish) struct rights rights = {};
	_cleanup_(sample_finish) struct sample lifecycle = {}, policy = {};
	const char *repository;
	int r, state;

	r = ask_policy(patient, true, &lifecycle, &rights);
	if (r == 0)
		r = ask_policy(patient, false, &policy, &rights);
	if (r < 0)
		return DOCTOR_FAIL;
	if (lifecycle.repository.len == 0 && policy.repository.len == 0 && rights.unknown.len == 0)
		return err_set(&f->what, DOCTOR_OK, "no rule sets one");
	repository =
	    str_text(lifecycle.repository.len > 0 ? &lifecycle.repository : &policy.repository);
	state = judge_rights(patient, &rights, repository, "putting policies", f);
	if (state == DOCTOR_WARN)
		check_say_simulate(patient, "ecr:PutLifecyclePolicy ecr:SetRepositoryPolicy", f);
	return state;
}

const struct check rights_checks[] = {
    {"templates", check_templates, FACT_KEYS | FACT_API, 0, true, NULL},
    {"push", check_push, FACT_KEYS | FACT_API, 0, true, "run it again in a minute"},
    {"create", check_create, FACT_KEYS | FACT_API, 0, true, "run it again in a minute"},
    {"policies", check_policies, FACT_KEYS | FACT_API, 0, true, "run it again in a minute"},
    {},
};

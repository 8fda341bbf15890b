#include "doctor.h"

#include <stdio.h>

#include "doctor_checks.h"

/* Up to the first that fails: those behind it build on it. */
static int run_checks(struct patient *patient, const struct check *checks)
{
	for (; checks->name; checks++) {
		struct err e = {.text = "out of memory"};
		struct doctor_check check = {.name = checks->name, .message = e.text};
		int r;

		if (checks->online && patient->options->offline)
			break;
		check.state = checks->run(patient, &e);
		check.remedy = check.state == DOCTOR_OK ? NULL : checks->remedy;
		r = doctor_add_check(&patient->report, &check);
		if (r < 0 || check.state == DOCTOR_FAIL)
			return r;
	}
	return 0;
}

/* What STS said counts more than what the source of the keys said. */
static int add_identity(struct patient *patient)
{
	const struct credentials *credentials = patient->credentials;
	const struct sts_caller *caller = &patient->caller;
	const struct doctor_identity identity = {
	    .registry = patient->chosen->host,
	    .source = credentials->source,
	    .access_key_id = credentials->access_key_id,
	    .account = *caller->account ? caller->account : credentials->account,
	    .arn = caller->arn ?: credentials->arn,
	    .expires_s = credentials->expires_s,
	};

	return doctor_add_identity(&patient->report, &identity);
}

static void discharge(struct patient *patient)
{
	sts_caller_finish(&patient->caller);
	credentials_unref(TAKE_PTR(patient->credentials));
	patient->registry = NULL;
}

static int look_at(struct patient *patient, const struct config_registry *chosen)
{
	int r;

	patient->chosen = chosen;
	r = run_checks(patient, registry_checks);
	if (r == 0 && patient->credentials)
		r = add_identity(patient);
	discharge(patient);
	return r;
}

static int examine(struct patient *patient)
{
	const struct config *config;
	int r;

	r = run_checks(patient, machine_checks);
	if (r < 0 || patient->report.failed)
		return r;
	config = patient->config;
	if (!config->registries_len)
		return look_at(patient, &(const struct config_registry){});
	for (size_t i = 0; r == 0 && i < config->registries_len; i++)
		r = look_at(patient, &config->registries[i]);
	return r;
}

static int print(const struct patient *patient)
{
	_cleanup_str_ struct str json = {};
	int r;

	if (!patient->options->json) {
		fputs(str_text(&patient->report.lines), stdout);
		return 0;
	}
	r = doctor_write_json(&patient->report, &json);
	if (r == 0)
		fputs(str_text(&json), stdout);
	return r;
}

static void patient_finish(struct patient *patient)
{
	doctor_report_finish(&patient->report);
	setup_finish(&patient->setup);
	config_free(patient->config);
}

enum exit_code doctor(const struct options *options)
{
	_cleanup_(patient_finish) struct patient patient = {
	    .options = options, .setup = {.stop = {.fd = -1}}};

	if (examine(&patient) < 0 || print(&patient) < 0) {
		fputs("ecr-upsertd: out of memory\n", stderr);
		return EXIT_CODE_FAILED;
	}
	return patient.report.failed ? EXIT_CODE_FAILED : EXIT_CODE_DONE;
}

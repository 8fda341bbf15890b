#include "doctor.h"

#include <errno.h>
#include <stdio.h>

#include "clock.h"
#include "doctor_checks.h"

int64_t check_deadline(const struct patient *patient)
{
	return clock_within_ms(CHECK_CALL_MS, patient->deadline_ms);
}

int check_fetch(struct fetch_request *request, struct fetch_reply *ret, struct err *e)
{
	struct stop stop = {.fd = -1};
	const struct fetcher fetcher = {.stop = &stop};
	int r = stop_init(&stop);

	if (r < 0)
		return err_set(e, r, "out of memory");
	request->method = "GET";
	request->direct = true;
	r = fetch(&fetcher, request, ret, e);
	stop_finish(&stop);
	return r;
}

const char *check_region(const struct patient *patient)
{
	return patient->registry ? patient->registry->region : patient->setup.settings.region;
}

/* A reason often holds its remedy: the command in backquotes. */
int check_add(struct patient *patient, const char *name, int state, const struct finding *f,
    const char *remedy)
{
	struct doctor_check check = {
	    .name = name, .state = (enum doctor_state)state, .message = f->what.text};
	char command[ERR_TEXT_MAX];

	if (state == DOCTOR_SILENT)
		return 0;
	if (*f->remedy.text)
		remedy = f->remedy.text;
	else if (doctor_command(f->what.text, command, sizeof(command)))
		remedy = command;
	check.remedy = state == DOCTOR_OK ? NULL : remedy;
	return doctor_add_check(&patient->report, &check);
}

/* Those that build on nothing that is missing: what is behind a failed one is looked at too. */
static int run_checks(struct patient *patient, const struct check *checks)
{
	int r = 0;

	for (; checks->name && r == 0; checks++) {
		struct finding f = {.what.text = "out of memory"};
		int state;

		if ((checks->online && patient->options->offline) ||
		    (patient->facts & checks->needs) != checks->needs)
			continue;
		state = checks->run(patient, &f);
		if (state == DOCTOR_OK || state == DOCTOR_WARN)
			patient->facts |= checks->gives;
		r = check_add(patient, checks->name, state, &f, checks->remedy);
	}
	return r;
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

/* The next registry is looked at anew. */
static void discharge(struct patient *patient)
{
	sts_caller_finish(&patient->caller);
	credentials_unref(TAKE_PTR(patient->credentials));
	patient->registry = NULL;
	patient->api = NULL;
	patient->keys_refused = false;
	patient->templates = TEMPLATES_UNKNOWN;
	patient->facts &= FACT_CONFIG | FACT_SETTINGS | FACT_DOCKER;
}

static int look_at(struct patient *patient, const struct config_registry *chosen)
{
	static const struct check *const groups[] = {
	    identity_checks, network_checks, aws_checks, rights_checks};
	int r = 0;

	patient->chosen = chosen;
	for (size_t i = 0; i < sizeof(groups) / sizeof(*groups) && r == 0; i++)
		r = run_checks(patient, groups[i]);
	if (r == 0 && patient->credentials)
		r = add_identity(patient);
	discharge(patient);
	return r;
}

static int look_at_each(struct patient *patient)
{
	const struct config *config = patient->config;
	int r = 0;

	if (!(patient->facts & FACT_CONFIG))
		return 0;
	if (config->registries_len == 0)
		return look_at(patient, &(const struct config_registry){});
	for (size_t i = 0; r == 0 && i < config->registries_len; i++)
		r = look_at(patient, &config->registries[i]);
	return r;
}

/* This machine first: --offline stops after the credentials. */
static int examine(struct patient *patient)
{
	int r;

	r = run_checks(patient, machine_checks);
	if (r == 0)
		r = run_checks(patient, docker_checks);
	if (r == 0)
		r = check_clients(patient);
	return r < 0 ? r : look_at_each(patient);
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
	/* Whoever still reads credentials after their deadline. */
	stop_now(&patient->setup.stop);
	setup_finish(&patient->setup);
	config_free(patient->config);
	free(patient->config_path);
	free(patient->docker_host);
	docker_info_finish(&patient->docker);
}

enum exit_code doctor(const struct options *options)
{
	_cleanup_(patient_finish) struct patient patient = {
	    .options = options,
	    .deadline_ms = clock_mono_ms() + CHECK_ALL_MS,
	    .setup = {.stop = {.fd = -1}},
	};

	if (examine(&patient) < 0 || print(&patient) < 0) {
		fputs("ecr-upsertd: out of memory\n", stderr);
		return EXIT_CODE_FAILED;
	}
	return patient.report.failed ? EXIT_CODE_FAILED : EXIT_CODE_DONE;
}

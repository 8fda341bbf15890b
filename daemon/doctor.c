#include "doctor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "aws_settings.h"
#include "clock.h"
#include "credential_chain.h"
#include "doctor_report.h"
#include "fetch.h"
#include "stop.h"

/* What the checks find, each building on those before it. */
struct patient {
	const struct options *options;
	struct stop stop;
	struct credential_sources sources;
	struct aws_settings settings;
	struct tls *tls;
	struct fetcher fetcher;
	const char *registry; /* the one whose identity is looked at; NULL: none is named */
	struct credentials *credentials;
	struct doctor_report report;
};

/* 0 with what was found as its text, or −errno with the reason. */
typedef int (*check_function)(struct patient *patient, struct err *e);

struct check {
	const char *name;
	check_function run;
	const char *remedy; /* of a failure */
};

static const char *environment(const char *name)
{
	return getenv(name);
}

static int check_settings(struct patient *patient, struct err *e)
{
	int r;

	r = aws_settings_read(&patient->sources, &patient->settings, e);
	if (r == 0)
		r = tls_new(patient->settings.ca_bundle, &patient->tls, e);
	if (r < 0)
		return r;
	patient->fetcher = (struct fetcher){.tls = patient->tls, .stop = &patient->stop};
	return err_set(e, 0, "region %s", patient->settings.region ?: "not set");
}

static int check_credentials(struct patient *patient, struct err *e)
{
	_cleanup_(credential_chain_freep) struct credential_chain *chain = NULL;
	int r;

	r = credential_chain_new(&patient->sources, &chain);
	if (r == 0)
		r = credential_chain_get(chain, &patient->credentials, e);
	if (r < 0)
		return r;
	return err_set(
	    e, 0, "%s from %s", patient->credentials->access_key_id, patient->credentials->source);
}

static const struct check machine_checks[] = {
    {"aws-settings", check_settings, "correct the variable, or the profile in ~/.aws/config"},
    {},
};

static const struct check identity_checks[] = {
    {"credentials", check_credentials,
	"put keys where every AWS tool finds them: `aws configure`, `aws sso login`, AWS_PROFILE"},
    {},
};

/* Up to the first that fails: those behind it build on it. */
static int run_checks(struct patient *patient, const struct check *checks)
{
	for (; checks->name; checks++) {
		struct err e = {.text = "out of memory"};
		int found = checks->run(patient, &e);
		const struct doctor_check check = {
		    .name = checks->name,
		    .state = found < 0 ? DOCTOR_FAIL : DOCTOR_OK,
		    .message = e.text,
		    .remedy = found < 0 ? checks->remedy : NULL,
		};
		int r = doctor_add_check(&patient->report, &check);

		if (r < 0 || found < 0)
			return r;
	}
	return 0;
}

static int look_at_identity(struct patient *patient, const char *registry)
{
	struct doctor_identity identity = {.registry = registry};
	int r;

	patient->registry = registry;
	r = run_checks(patient, identity_checks);
	if (r < 0 || !patient->credentials)
		return r;
	identity.source = patient->credentials->source;
	identity.access_key_id = patient->credentials->access_key_id;
	identity.account = patient->credentials->account;
	identity.arn = patient->credentials->arn;
	identity.expires_s = patient->credentials->expires_s;
	r = doctor_add_identity(&patient->report, &identity);
	credentials_unref(patient->credentials);
	patient->credentials = NULL;
	return r;
}

static int examine(struct patient *patient)
{
	const char *const *registries = patient->options->registries;
	int r;

	r = run_checks(patient, machine_checks);
	if (r < 0 || patient->report.failed)
		return r;
	if (!registries[0])
		return look_at_identity(patient, NULL);
	for (; r == 0 && *registries; registries++)
		r = look_at_identity(patient, *registries);
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
	credentials_unref(patient->credentials);
	tls_free(patient->tls);
	aws_settings_finish(&patient->settings);
	stop_finish(&patient->stop);
}

enum exit_code doctor(const struct options *options)
{
	_cleanup_(patient_finish) struct patient patient = {
	    .options = options,
	    .stop = {.fd = -1},
	    .sources = {.getenv = environment,
		.home = getenv("HOME"),
		.fetcher = &patient.fetcher,
		.now_s = clock_wall_s},
	};

	if (stop_init(&patient.stop) < 0 || examine(&patient) < 0 || print(&patient) < 0) {
		fputs("ecr-upsertd: no memory or descriptor left\n", stderr);
		return EXIT_CODE_FAILED;
	}
	return patient.report.failed ? EXIT_CODE_FAILED : EXIT_CODE_DONE;
}

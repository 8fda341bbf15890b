#pragma once
/* What `doctor` checks: each a small function, in tables by theme (doctor_checks_*.c). */
#include <stdbool.h>

#include "docker_info.h"
#include "doctor_report.h"
#include "fetch.h"
#include "options.h"
#include "setup.h"
#include "sts_api.h"

/* What a check may build on; whoever finds out otherwise takes it away. */
enum fact {
	FACT_CONFIG = 1 << 0,
	FACT_SETTINGS = 1 << 1,
	FACT_REGISTRY = 1 << 2,
	FACT_CREDENTIALS = 1 << 3,
	FACT_STS = 1 << 4,   /* it can be reached */
	FACT_API = 1 << 5,   /* ECR's can */
	FACT_KEYS = 1 << 6,  /* AWS takes them */
	FACT_CLOCK = 1 << 7, /* AWS has told the time */
	FACT_DOCKER = 1 << 8,
	FACT_HOST = 1 << 9, /* the registry can be reached */
};

/* What the checks find. */
struct patient {
	const struct options *options;
	int64_t deadline_ms; /* of all of it, monotonic */
	unsigned facts;      /* enum fact */
	struct config *config;
	char *config_path; /* NULL: there is none */
	struct setup setup;
	bool daemon_runs; /* on the admin address of the configuration */
	char *docker_host;
	struct docker_info docker;

	/* The registry that is looked at, and who we are towards it. */
	const struct config_registry *chosen; /* host NULL: none is named */
	struct registry *registry;            /* borrowed; NULL: none is named, or not yet known */
	struct aws_api *api;                  /* borrowed */
	struct credentials *credentials;
	struct sts_caller caller;
	bool keys_refused;
	enum { TEMPLATES_UNKNOWN, TEMPLATES_NONE, TEMPLATES_CREATE } templates;

	struct doctor_report report;
};

/* A check that found nothing to speak of, and has no line. */
enum { DOCTOR_SILENT = -1 };

struct finding {
	struct err what;
	struct err remedy; /* "": that of the table */
};

/* enum doctor_state or DOCTOR_SILENT, with what was found. */
typedef int (*check_function)(struct patient *patient, struct finding *f);

struct check {
	const char *name;
	check_function run;
	unsigned needs, gives; /* enum fact; given unless the check fails */
	bool online;           /* asks AWS for its own sake */
	const char *remedy;
};

/* The last one of each has no name. Of the machine, once; of each registry in turn. */
extern const struct check machine_checks[], docker_checks[];
extern const struct check identity_checks[], network_checks[], aws_checks[], rights_checks[];

int check_own_host(struct patient *patient, struct finding *f);
int check_create(struct patient *patient, struct finding *f);

/* For rights ("ecr:X ecr:Y") that cannot be asked: the one call that tells, for who may make it. */
void check_say_simulate(const struct patient *patient, const char *actions, struct finding *f);

/* A line for each client that is installed. 0 or −ENOMEM. */
int check_clients(struct patient *patient);

/*
 * How long a check may wait for one answer: what hangs takes no more, nor all of them together.
 * Credentials may take longer: a program that asks a person, three tries of a container's endpoint.
 */
enum { CHECK_CALL_MS = 5000, CHECK_CREDENTIALS_MS = 12 * 1000, CHECK_ALL_MS = 18 * 1000 };
int64_t check_deadline(const struct patient *patient);

/* A GET by plain http, past every proxy: of what is on this machine. As fetch(). */
int check_fetch(struct fetch_request *request, struct fetch_reply *ret, struct err *e);

/* The registry's region, else that of the settings; NULL when there is none. */
const char *check_region(const struct patient *patient);

/* Adds a line that no table has. 0 or −ENOMEM. */
int check_add(struct patient *patient, const char *name, int state, const struct finding *f,
    const char *remedy);

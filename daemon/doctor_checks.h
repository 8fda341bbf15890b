#pragma once
/* What `doctor` checks, each a small function in a table. */
#include <stdbool.h>

#include "doctor_report.h"
#include "options.h"
#include "setup.h"
#include "sts_api.h"

/* What the checks find, each building on those before it. */
struct patient {
	const struct options *options;
	struct config *config;
	struct setup setup;

	/* The registry that is looked at, and who we are towards it. */
	const struct config_registry *chosen; /* host NULL: none is named */
	struct registry *registry;            /* borrowed; NULL: none is named */
	struct aws_api *api;                  /* borrowed */
	struct credentials *credentials;
	struct sts_caller caller;

	struct doctor_report report;
};

/* With what was found as its text; only the last one ends what builds on it. */
typedef enum doctor_state (*check_function)(struct patient *patient, struct err *e);

struct check {
	const char *name;
	check_function run;
	const char *remedy;
	bool online; /* asks AWS for its own sake */
};

/* Of the machine; of each registry. The last one of each has no name. */
extern const struct check machine_checks[];
extern const struct check registry_checks[];

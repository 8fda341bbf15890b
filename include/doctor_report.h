#pragma once
/* What `doctor` found, in its two forms: a line for each check, or JSON. Pure. */
#include <stdbool.h>
#include <stdint.h>

#include "str.h"

enum doctor_state { DOCTOR_OK, DOCTOR_WARN, DOCTOR_FAIL };

struct doctor_check {
	const char *name;
	enum doctor_state state;
	const char *message;
	const char *remedy; /* NULL where nothing is to be done */
};

/* Who the daemon is at a registry; what is not known is NULL or 0. */
struct doctor_identity {
	const char *registry;
	const char *source; /* as struct credentials has it */
	const char *access_key_id;
	const char *account;
	const char *arn;
	int64_t expires_s; /* since the epoch */
};

/* Zeroed means empty. */
struct doctor_report {
	struct str lines;
	struct str checks;     /* elements of a JSON array, as the next one */
	struct str identities; /* elements */
	bool failed;           /* some check is DOCTOR_FAIL */
};

/* Both append: 0 or −ENOMEM. */
int doctor_add_check(struct doctor_report *report, const struct doctor_check *check);
int doctor_add_identity(struct doctor_report *report, const struct doctor_identity *identity);

/* {"checks": […], "identities": […]} on one line. Appends: 0 or −ENOMEM. */
int doctor_write_json(const struct doctor_report *report, struct str *out);

/*
 * A reason that says what to run has the command in backquotes: the last one, without them. false:
 * there is none, or none that fits.
 */
bool doctor_command(const char *reason, char *ret, size_t size);

void doctor_report_finish(struct doctor_report *report);

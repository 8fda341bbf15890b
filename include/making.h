#pragma once
/* One creation under way, shared by the files that make up its path: creation.c coordinates. */
#include "creation.h"
#include "ecr_api.h"

struct making {
	const struct creation_context *context;
	const struct creation_request *request;
	const struct rule *rule; /* or NULL */
	struct str rule_name;    /* for a person */
	bool created;
	struct notice notice;       /* of what was created */
	bool waited;                /* for somebody else to create it */
	enum metrics_result denial; /* what a final refusal counts as */
	struct oci_error *refusal;
};

void making_finish(struct making *making);

const char *making_host(const struct making *making);

/* All of these: −EPERM, with making->refusal filled in. */
int making_out_of_memory(struct making *making);
/*
 * It is filled in already; the status lists it with the remedy, one line for a person that says
 * what to do. The one that is remembered stands: the next push of the name hears it without a call.
 */
int making_list(struct making *making, const char *remedy);
int making_remember(struct making *making, const char *remedy);
/* ECR's own refusal. */
int making_refuse(struct making *making, enum ecr_outcome outcome, const struct err *why);

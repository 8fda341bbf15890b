#pragma once
/* Names of repositories that do not exist, to ask ECR about. */
#include "doctor_checks.h"

/* The part of a name that no repository has: by chance, so that nobody can have made it either. */
enum { MISSING_SIZE = 64 };
void sample_missing(char ret[static MISSING_SIZE]);

struct sample {
	const struct rule *rule; /* whose name it is; NULL: none matches it */
	struct str repository;
	struct repository_settings settings; /* without those of ECR's own templates */
};

/* Does a push that this rule (NULL: none) decides on create the repository? */
bool sample_creates(const struct rule *rule);

/*
 * A name that the first rule would create for which there is one, and whose settings `wanted`
 * (NULL: any) takes. 0 and a zeroed *ret filled; −ENOENT: no rule would; −ERANGE: only rules for
 * fixed names would, which may exist; −ENOMEM.
 */
int sample_find(const struct patient *patient,
    bool (*wanted)(const struct repository_settings *settings), struct sample *ret);
void sample_finish(struct sample *sample);

#pragma once
/* What the daemon connects to at AWS. */
#include "doctor_checks.h"

enum place { PLACE_REGISTRY, PLACE_API, PLACE_STS, PLACES };

/* As URLs; NULL: not known yet, or no such place. */
struct places {
	char *urls[PLACES];
	const struct endpoint *dial; /* for the registry; NULL: its own address */
};

/* A registry that is not named is there once the identity is known. 0 or −ENOMEM. */
int places_find(const struct patient *patient, struct places *ret);
/* That registry alone. */
int places_find_registry(const struct patient *patient, struct places *ret);
void places_finish(struct places *places);

/* Another address to dial, or NULL. */
const struct endpoint *place_dial(const struct places *places, enum place place);
/* For a person: "the registry", … */
const char *place_name(enum place place);
/* What is no more when it cannot be reached. */
enum fact place_fact(enum place place);

/* Are they trusted? As check_function, for what can be reached. */
int places_check_tls(struct patient *patient, const struct places *places, struct finding *f);

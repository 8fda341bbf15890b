#include "doctor_places.h"

#include <errno.h>
#include <string.h>

int places_find_registry(const struct patient *patient, struct places *ret)
{
	const struct registry *registry = patient->registry;
	_cleanup_str_ struct str url = {};
	int r;

	if (strcmp(registry->dial.host, registry->host) != 0)
		ret->dial = &registry->dial;
	r = str_appendf(&url, "%s://%s", registry->dial.tls ? "https" : "http", registry->host);
	return r < 0 ? r : str_dup(str_text(&url), &ret->urls[PLACE_REGISTRY]);
}

/* A region that has none has a line of its own. */
static int find_sts(const struct patient *patient, struct places *ret)
{
	const char *region = check_region(patient);
	struct err e;
	int r = -EINVAL;

	if (region)
		r = aws_settings_sts_url(
		    &patient->setup.settings, region, &ret->urls[PLACE_STS], &e);
	return r == -ENOMEM ? r : 0;
}

static int find_api(const struct patient *patient, struct places *ret)
{
	const char *region = check_region(patient);
	struct err e;
	int r = -EINVAL;

	if (patient->registry)
		return str_dup(patient->registry->ecr_url, &ret->urls[PLACE_API]);
	if (region)
		r = aws_settings_ecr_url(
		    &patient->setup.settings, region, &ret->urls[PLACE_API], &e);
	return r == -ENOMEM ? r : 0;
}

int places_find(const struct patient *patient, struct places *ret)
{
	int r = patient->registry ? places_find_registry(patient, ret) : 0;

	if (r == 0)
		r = find_api(patient, ret);
	return r < 0 ? r : find_sts(patient, ret);
}

void places_finish(struct places *places)
{
	for (size_t i = 0; i < PLACES; i++)
		free(places->urls[i]);
}

const struct endpoint *place_dial(const struct places *places, enum place place)
{
	return place == PLACE_REGISTRY ? places->dial : NULL;
}

const char *place_name(enum place place)
{
	static const char *const names[] = {"the registry", "ECR's API", "STS"};

	return names[place];
}

enum fact place_fact(enum place place)
{
	static const enum fact facts[] = {FACT_HOST, FACT_API, FACT_STS};

	return facts[place];
}

#include "doctor_samples.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "glob_sample.h"
#include "repository_name.h"

void sample_missing(char ret[static MISSING_SIZE])
{
	uint64_t chance = 0;

	if (getentropy(&chance, sizeof(chance)) < 0)
		chance = (uint64_t)clock_wall_ms();
	snprintf(ret, MISSING_SIZE, "ecr-upsertd-doctor-%016" PRIx64, chance);
}

bool sample_creates(const struct rule *rule)
{
	return !rule || rule->action == RULE_CREATE;
}

/* A name that this rule (NULL: none) decides on. As sample_find(). */
static int write_name(const struct patient *patient, const struct rule *rule, struct str *ret)
{
	const struct rules *rules = &patient->config->rules;
	char missing[MISSING_SIZE];
	const char *name;
	int r;

	sample_missing(missing);
	r = rule ? glob_sample(rule->match, missing, ret) : str_append_text(ret, missing);
	if (r < 0)
		return r;
	name = str_text(ret);
	if (!repository_name_is_valid(name) ||
	    rules_find(rules, patient->registry->host, name) != rule)
		return -ENOENT;
	/* "team/app" is that alone: it may exist, or be somebody's next push. */
	return strstr(name, missing) ? 0 : -ERANGE;
}

static int try_rule(const struct patient *patient, const struct rule *rule,
    bool (*wanted)(const struct repository_settings *settings), struct sample *ret)
{
	_cleanup_(sample_finish) struct sample sample = {.rule = rule};
	int r;

	if (!sample_creates(rule))
		return -ENOENT;
	r = rules_settings(&patient->config->rules, rule, NULL, &sample.settings);
	if (r == 0 && wanted && !wanted(&sample.settings))
		r = -ENOENT;
	if (r == 0)
		r = write_name(patient, rule, &sample.repository);
	if (r < 0)
		return r;
	*ret = sample;
	sample = (struct sample){};
	return 0;
}

int sample_find(const struct patient *patient,
    bool (*wanted)(const struct repository_settings *settings), struct sample *ret)
{
	const struct rules *rules = &patient->config->rules;
	int none = -ENOENT;

	for (size_t i = 0; i <= rules->len; i++) {
		const struct rule *rule = i < rules->len ? &rules->items[i] : NULL;
		int r = try_rule(patient, rule, wanted, ret);

		if (r != -ENOENT && r != -ERANGE)
			return r;
		if (r == -ERANGE)
			none = r;
	}
	return none;
}

void sample_finish(struct sample *sample)
{
	str_finish(&sample->repository);
	repository_settings_finish(&sample->settings);
}

#include "making_settings.h"

#include <errno.h>

#include "clock.h"
#include "ecr_templates.h"

/* A template's settings are worth a few seconds, not the whole time of a push. */
enum { TEMPLATE_MS = 5000, AGAIN_MS = 200 };

/* Throttled or without an answer: again within that time. */
static enum ecr_outcome find_template(
    const struct making *making, struct repository_settings *ret, struct err *e)
{
	const struct creation_request *request = making->request;
	int64_t deadline_ms = clock_within_ms(TEMPLATE_MS, request->deadline_ms);
	enum ecr_outcome outcome;

	do
		outcome = ecr_find_creation_template(
		    request->registry, request->repository, deadline_ms, ret, e);
	while (outcome == ECR_TRANSIENT && clock_left_ms(deadline_ms) > AGAIN_MS &&
	       !stop_sleep(making->context->stop, AGAIN_MS));
	return outcome;
}

/* Never without what the rule asks for. Only what stands is remembered. */
static int refuse_template(struct making *making, enum ecr_outcome outcome, const struct err *why)
{
	static const char remedy[] =
	    "Have ecr:DescribeRepositoryCreationTemplates given to the AWS identity of the daemon, "
	    "or remove \"from\" from the rule";

	oci_error_set(making->refusal, 403, "DENIED",
	    "does not exist in %s and is not created: the registry's own templates, which rule %s "
	    "asks for, cannot be read: %s",
	    making_host(making), str_text(&making->rule_name), why->text);

	if (outcome == ECR_TRANSIENT || outcome == ECR_NO_CREDENTIALS)
		return making_list(making,
		    "Push again; if it stays so, ecr-upsertd doctor shows what does not answer");
	return making_remember(making, remedy);
}

/* The settings before variables are filled in: defaults, the registry's template, the rule. */
static int layer_settings(struct making *making, struct repository_settings *ret)
{
	const struct rules *rules = &making->request->serving->config->rules;
	_cleanup_(repository_settings_finish) struct repository_settings found = {};
	const struct repository_settings *own = NULL;
	struct err e = {};

	if (rules_want_template(rules, making->rule)) {
		enum ecr_outcome outcome = find_template(making, &found, &e);

		if (outcome != ECR_DONE && outcome != ECR_NOT_FOUND)
			return refuse_template(making, outcome, &e);
		if (outcome == ECR_DONE)
			own = &found;
	}
	return rules_settings(rules, making->rule, own, ret) < 0 ? making_out_of_memory(making) : 0;
}

int making_settings(struct making *making, struct repository_settings *ret)
{
	const struct creation_request *request = making->request;
	const struct variables variables = {
	    .repository = request->repository,
	    .user = request->user,
	    .host = making->context->host_name,
	    .account = request->registry->account,
	    .region = request->registry->region,
	    .now_s = clock_wall_s(),
	};
	struct err e = {};
	int r;

	r = layer_settings(making, ret);
	if (r < 0)
		return r;
	if (repository_settings_expand(ret, &variables) < 0)
		return making_out_of_memory(making);
	if (repository_settings_check_tags(ret, &e) < 0) {
		oci_error_set(making->refusal, 403, "DENIED",
		    "does not exist in %s and is not created: the tags of rule %s are not what AWS "
		    "takes: %s",
		    making_host(making), str_text(&making->rule_name), e.text);
		return making_remember(making,
		    "Correct the tags of the rule in the configuration: ecr-upsertd plan shows the "
		    "request");
	}
	return 0;
}

#include "making_settings.h"

#include <errno.h>

#include "clock.h"
#include "ecr_templates.h"

/* A template's settings are worth a few seconds, not the whole time of a push. */
enum { TEMPLATE_MS = 5000 };

/* The settings before variables are filled in: defaults, the registry's template, the rule. */
static int layer_settings(struct making *making, struct repository_settings *ret)
{
	const struct creation_request *request = making->request;
	const struct rules *rules = &request->serving->config->rules;
	_cleanup_(repository_settings_finish) struct repository_settings found = {};
	const struct repository_settings *own = NULL;
	enum ecr_outcome outcome;
	struct err e = {};

	if (rules_want_template(rules, making->rule)) {
		outcome = ecr_find_creation_template(request->registry, request->repository,
		    clock_within_ms(TEMPLATE_MS, request->deadline_ms), &found, &e);
		if (outcome == ECR_DONE) {
			own = &found;
		} else if (outcome != ECR_NOT_FOUND) {
			oci_error_set(making->refusal, 403, "DENIED",
			    "does not exist in %s and is not created: the registry's own "
			    "templates, "
			    "which rule %s asks for, cannot be read: %s",
			    making_host(making), str_text(&making->rule_name), e.text);
			return making_remember(making);
		}
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
		return making_remember(making);
	}
	return 0;
}

/* The settings of one creation, over a played registry with templates. */
#include "unit.h"

#include <errno.h>

#include "clock.h"
#include "log.h"
#include "making_settings.h"
#include "played_state.h"

static struct registry registry = {
    .host = (char *)"123456789012.dkr.ecr.eu-west-1.amazonaws.com",
    .account = (char *)"123456789012",
    .region = (char *)"eu-west-1",
};
static struct repository_tag tags[] = {{(char *)"owner", (char *)"${user}@${host}/${region}"}};
static struct rule rule;
static struct config config;
static struct serving serving = {.references = 1, .config = &config};
static struct creation_context context = {.host_name = "buildhost"};
static struct creation_request request = {
    .serving = &serving, .registry = &registry, .repository = "team/app", .user = "alice"};
static struct oci_error refusal;
static struct stop stop;
static bool remembered;

static int settings(struct repository_settings *ret)
{
	struct making making = {
	    .context = &context, .request = &request, .rule = &rule, .refusal = &refusal};
	int r;

	log_setup(LOG_LEVEL_ERROR + 1, LOG_FORMAT_TEXT);
	request.deadline_ms = clock_mono_ms() + 1000;
	ck_assert_int_eq(refusals_new(&context.refusals), 0);
	ck_assert_int_eq(stop_init(&stop), 0);
	context.stop = &stop;
	str_clear(&state.steps);
	r = making_settings(&making, ret);
	remembered = refusals_find(context.refusals, registry.host, request.repository,
	    clock_wall_ms(), &(struct oci_error){});
	refusals_free(context.refusals);
	stop_finish(&stop);
	return r;
}

START_TEST(the_built_in_ones_and_variables)
{
	_cleanup_(repository_settings_finish) struct repository_settings found = {};

	rule = (struct rule){.settings = {.tags = tags, .tags_len = 1}};
	ck_assert_int_eq(settings(&found), 0);
	ck_assert_str_eq(found.image_tag_mutability, "IMMUTABLE");
	ck_assert_str_eq(found.tags[0].value, "alice@buildhost/eu-west-1");
	ck_assert_str_eq(str_text(&state.steps), "");
	str_finish(&state.steps);
}
END_TEST

START_TEST(the_registrys_template_where_it_is_asked_for)
{
	_cleanup_(repository_settings_finish) struct repository_settings found = {};
	_cleanup_(repository_settings_finish) struct repository_settings without = {};

	rule = (struct rule){.settings = {.from_template = SAID_YES}};
	state.template_mutability = "MUTABLE";
	ck_assert_int_eq(settings(&found), 0);
	ck_assert_str_eq(found.image_tag_mutability, "MUTABLE");
	ck_assert_str_eq(str_text(&state.steps), "template ");
	state.template = ECR_NOT_FOUND;
	ck_assert_int_eq(settings(&without), 0);
	ck_assert_str_eq(without.image_tag_mutability, "IMMUTABLE");
	str_finish(&state.steps);
}
END_TEST

START_TEST(a_throttled_template_is_asked_for_again)
{
	_cleanup_(repository_settings_finish) struct repository_settings found = {};

	rule = (struct rule){.settings = {.from_template = SAID_YES}};
	state.template_mutability = "MUTABLE";
	state.templates_throttled = 2;
	ck_assert_int_eq(settings(&found), 0);
	ck_assert_str_eq(found.image_tag_mutability, "MUTABLE");
	ck_assert_str_eq(str_text(&state.steps), "template template template ");
	str_finish(&state.steps);
}
END_TEST

START_TEST(templates_that_cannot_be_read_refuse_it)
{
	static const enum ecr_outcome outcomes[] = {ECR_ACCESS_DENIED, ECR_TRANSIENT, ECR_INVALID};

	rule = (struct rule){.settings = {.from_template = SAID_YES}};
	for (size_t i = 0; i < sizeof(outcomes) / sizeof(*outcomes); i++) {
		struct repository_settings found = {};

		state.template = outcomes[i];
		ck_assert_int_eq(settings(&found), -EPERM);
		ck_assert_uint_eq(refusal.status, 403);
		ck_assert_str_eq(refusal.code, "DENIED");
		ck_assert_ptr_nonnull(strstr(refusal.message, "played"));
		ck_assert(remembered == (outcomes[i] != ECR_TRANSIENT));
	}
	str_finish(&state.steps);
}
END_TEST

START_TEST(tags_beyond_aws_limits_refuse_it)
{
	struct repository_tag reserved[] = {{(char *)"aws:x", (char *)"y"}};
	struct repository_settings found = {};

	rule = (struct rule){.settings = {.tags = reserved, .tags_len = 1}};
	ck_assert_int_eq(settings(&found), -EPERM);
	ck_assert_uint_eq(refusal.status, 403);
	ck_assert_ptr_nonnull(strstr(refusal.message, "tags"));
	repository_settings_finish(&found);
	str_finish(&state.steps);
}
END_TEST

UNIT(making_settings, the_built_in_ones_and_variables, the_registrys_template_where_it_is_asked_for,
    a_throttled_template_is_asked_for_again, templates_that_cannot_be_read_refuse_it,
    tags_beyond_aws_limits_refuse_it);

#include "config_settings.h"

#include <errno.h>
#include <string.h>

#include "arn.h"
#include "config_policy.h"

/* CreateRepository (API reference): imageTagMutabilityExclusionFilters and its filter, kmsKey,
 * tags. */
enum { FILTERS_MAX = 5, FILTER_LEN_MAX = 128, KMS_KEY_MAX = 2048, TAGS_MAX = 50 };
#define FILTER_CHARACTERS "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ._*-"

#define MUTABILITY "image_tag_mutability"
#define FILTERS    "image_tag_mutability_exclusion_filters"

static void read_word(
    struct config_reader *reader, const struct json *value, const char *const *words, char **target)
{
	int word = config_read_word(reader, value, words);

	if (word >= 0)
		config_copy(reader, words[word], target);
}

static void read_mutability(struct config_reader *reader, const struct json *value, void *target)
{
	static const char *const words[] = {
	    "MUTABLE", "IMMUTABLE", "MUTABLE_WITH_EXCLUSION", "IMMUTABLE_WITH_EXCLUSION", NULL};
	struct repository_settings *settings = target;

	read_word(reader, value, words, &settings->image_tag_mutability);
}

static void read_filter(struct config_reader *reader, const struct json *value, char **target)
{
	const char *text = config_text(reader, value);

	if (!text)
		return;
	if (strlen(text) <= FILTER_LEN_MAX && strspn(text, FILTER_CHARACTERS) == strlen(text))
		config_copy(reader, text, target);
	else
		config_must_be(
		    reader, value, "1 to 128 letters, digits, dots, hyphens, underscores and *");
}

static void read_filters(struct config_reader *reader, const struct json *value, void *target)
{
	struct repository_settings *settings = target;
	char **filters = NULL;

	config_read_list(reader, value, read_filter, &filters);
	settings->exclusion_filters = filters;
	while (filters && filters[settings->exclusion_filters_len])
		settings->exclusion_filters_len++;
	if (json_kind(value) == JSON_ARRAY &&
	    (json_len(value) < 1 || json_len(value) > FILTERS_MAX))
		config_must_be(reader, value, "a list of 1 to 5 filters");
}

static void read_scan_on_push(struct config_reader *reader, const struct json *value, void *target)
{
	struct repository_settings *settings = target;

	if (config_is(reader, value, JSON_BOOL, "true or false"))
		settings->scan_on_push = json_bool(value, false) ? SAID_YES : SAID_NO;
}

static void read_encryption_type(
    struct config_reader *reader, const struct json *value, void *target)
{
	static const char *const words[] = {"AES256", "KMS", "KMS_DSSE", NULL};
	struct repository_settings *settings = target;

	read_word(reader, value, words, &settings->encryption_type);
}

static void read_kms_key(struct config_reader *reader, const struct json *value, void *target)
{
	struct repository_settings *settings = target;
	const char *text = config_text(reader, value);

	if (!text)
		return;
	if (strlen(text) > KMS_KEY_MAX)
		config_must_be(reader, value, "at most 2048 characters long");
	else if (strncmp(text, "arn:", 4) == 0 && !arn_is_kms_key(text))
		config_must_be(reader, value,
		    "the ARN of a key or alias, as arn:aws:kms:eu-west-1:123456789012:key/ID");
	else
		config_copy(reader, text, &settings->kms_key);
}

static void read_encryption(struct config_reader *reader, const struct json *value, void *target)
{
	static const struct config_key keys[] = {
	    {"type", read_encryption_type},
	    {"kms_key", read_kms_key},
	};
	const struct json *type = json_get(value, "type"), *key = json_get(value, "kms_key");

	config_read_object(reader, value, keys, sizeof(keys) / sizeof(*keys), target);
	if (json_kind(value) == JSON_OBJECT && !type)
		config_problem(&reader->problems, json_start(value), "encryption without a type");
	if (key && json_string(type) && strcmp(json_string(type), "AES256") == 0)
		config_problem(&reader->problems, json_name_start(key),
		    "kms_key goes with the types KMS and KMS_DSSE: AES256 has no key");
}

static void read_tag(
    struct config_reader *reader, const struct json *member, struct repository_settings *settings)
{
	struct repository_tag *tag = &settings->tags[settings->tags_len];
	const struct repository_settings only = {.tags = tag, .tags_len = 1};
	const char *value = json_string(member);
	struct err e = {};

	if (!config_is(reader, member, JSON_STRING, "a string"))
		return;
	if (!value) {
		config_must_be(reader, member, "free of control characters");
		return;
	}
	config_copy(reader, json_name(member), &tag->key);
	config_copy(reader, value, &tag->value);
	settings->tags_len++;
	if (!tag->key || !tag->value)
		return;
	if (variables_check(value, &e) < 0)
		config_problem(&reader->problems, json_start(member), "%s", e.text);
	else if (repository_settings_check_tags(&only, &e) < 0)
		config_problem(&reader->problems, json_name_start(member), "%s", e.text);
}

static void read_tags(struct config_reader *reader, const struct json *value, void *target)
{
	struct repository_settings *settings = target;

	if (!config_is(reader, value, JSON_OBJECT, "an object"))
		return;
	if (json_len(value) > TAGS_MAX) {
		config_must_be(reader, value, "at most 50 tags");
		return;
	}
	settings->tags = calloc(json_len(value) + 1, sizeof(*settings->tags));
	if (!settings->tags)
		reader->problems.code = -ENOMEM;
	for (size_t i = 0; settings->tags && i < json_len(value); i++)
		if (json_get(value, json_name(json_at(value, i))) == json_at(value, i))
			read_tag(reader, json_at(value, i), settings);
}

static void read_lifecycle_policy(
    struct config_reader *reader, const struct json *value, void *target)
{
	struct repository_settings *settings = target;

	config_read_policy(reader, value, LIFECYCLE_POLICY_MAX, &settings->lifecycle_policy);
}

static void read_lifecycle_policy_file(
    struct config_reader *reader, const struct json *value, void *target)
{
	struct repository_settings *settings = target;

	config_read_policy_file(reader, value, LIFECYCLE_POLICY_MAX, &settings->lifecycle_policy);
}

static void read_repository_policy(
    struct config_reader *reader, const struct json *value, void *target)
{
	struct repository_settings *settings = target;

	config_read_policy(reader, value, REPOSITORY_POLICY_MAX, &settings->repository_policy);
}

static void read_repository_policy_file(
    struct config_reader *reader, const struct json *value, void *target)
{
	struct repository_settings *settings = target;

	config_read_policy_file(reader, value, REPOSITORY_POLICY_MAX, &settings->repository_policy);
}

static void read_from(struct config_reader *reader, const struct json *value, void *target)
{
	static const char *const words[] = {"ecr-template", NULL};
	struct repository_settings *settings = target;

	if (config_read_word(reader, value, words) == 0)
		settings->from_template = SAID_YES;
}

/* Two members that say the same, or of which one wants the other. */
static void check_pairs(struct config_reader *reader, const struct json *node)
{
	static const char *const policies[][2] = {
	    {"lifecycle_policy", "lifecycle_policy_file"},
	    {"repository_policy", "repository_policy_file"},
	};
	const struct json *mutability = json_get(node, MUTABILITY),
			  *filters = json_get(node, FILTERS);
	const char *word = json_string(mutability);
	bool exclusion = word && strstr(word, "_WITH_EXCLUSION");

	for (size_t i = 0; i < sizeof(policies) / sizeof(*policies); i++) {
		const struct json *file = json_get(node, policies[i][1]);

		if (file && json_get(node, policies[i][0]))
			config_problem(&reader->problems, json_name_start(file),
			    "%s and %s: only one of them", policies[i][0], policies[i][1]);
	}
	if (exclusion && !filters)
		config_problem(&reader->problems, json_start(mutability), "%s without " FILTERS,
		    config_shown(word).text);
	if (filters && !exclusion && (!mutability || word))
		config_problem(&reader->problems, json_name_start(filters),
		    FILTERS " goes with " MUTABILITY " MUTABLE_WITH_EXCLUSION or "
			    "IMMUTABLE_WITH_EXCLUSION");
}

void config_read_settings(struct config_reader *reader, const struct json *node, void *target)
{
	static const struct config_key keys[] = {
	    {MUTABILITY, read_mutability},
	    {FILTERS, read_filters},
	    {"scan_on_push", read_scan_on_push},
	    {"encryption", read_encryption},
	    {"tags", read_tags},
	    {"lifecycle_policy", read_lifecycle_policy},
	    {"lifecycle_policy_file", read_lifecycle_policy_file},
	    {"repository_policy", read_repository_policy},
	    {"repository_policy_file", read_repository_policy_file},
	    {"from", read_from},
	};

	config_read_object(reader, node, keys, sizeof(keys) / sizeof(*keys), target);
	check_pairs(reader, node);
}

#include "repository_settings.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "json.h"
#include "utf8.h"

enum { TAGS_MAX = 50, TAG_KEY_MAX = 128, TAG_VALUE_MAX = 256, UTF8_LENGTH_MAX = 4 };

static void free_filters(struct repository_settings *settings)
{
	for (size_t i = 0; i < settings->exclusion_filters_len; i++)
		free(settings->exclusion_filters[i]);
	free(settings->exclusion_filters);
	settings->exclusion_filters = NULL;
	settings->exclusion_filters_len = 0;
}

void repository_settings_finish(struct repository_settings *settings)
{
	free(settings->image_tag_mutability);
	free_filters(settings);
	free(settings->encryption_type);
	free(settings->kms_key);
	for (size_t i = 0; i < settings->tags_len; i++) {
		free(settings->tags[i].key);
		free(settings->tags[i].value);
	}
	free(settings->tags);
	free(settings->lifecycle_policy);
	free(settings->repository_policy);
	*settings = (struct repository_settings){};
}

int repository_settings_built_in(struct repository_settings *ret)
{
	char *mutability = strdup("IMMUTABLE");

	if (!mutability)
		return -ENOMEM;
	*ret = (struct repository_settings){
	    .image_tag_mutability = mutability, .scan_on_push = SAID_YES};
	return 0;
}

/* The text may be NULL: then so is the target. */
static int replace(char **target, const char *text)
{
	char *copy = text ? strdup(text) : NULL;

	if (text && !copy)
		return -ENOMEM;
	free(*target);
	*target = copy;
	return 0;
}

static int replace_said(char **target, const char *text)
{
	return text ? replace(target, text) : 0;
}

static int merge_mutability(
    struct repository_settings *settings, const struct repository_settings *over)
{
	int r;

	if (!over->image_tag_mutability)
		return 0;
	free_filters(settings);
	r = replace(&settings->image_tag_mutability, over->image_tag_mutability);
	if (r < 0 || over->exclusion_filters_len == 0)
		return r;
	settings->exclusion_filters = calloc(over->exclusion_filters_len, sizeof(char *));
	if (!settings->exclusion_filters)
		return -ENOMEM;
	for (size_t i = 0; i < over->exclusion_filters_len && r == 0; i++) {
		r = replace(&settings->exclusion_filters[i], over->exclusion_filters[i]);
		if (r == 0)
			settings->exclusion_filters_len++;
	}
	return r;
}

static int merge_encryption(
    struct repository_settings *settings, const struct repository_settings *over)
{
	int r;

	if (!over->encryption_type && !over->kms_key)
		return 0;
	r = replace(&settings->encryption_type, over->encryption_type);
	return r < 0 ? r : replace(&settings->kms_key, over->kms_key);
}

static int set_tag(struct repository_settings *settings, const struct repository_tag *tag)
{
	struct repository_tag *tags, added = {};

	for (size_t i = 0; i < settings->tags_len; i++)
		if (strcmp(settings->tags[i].key, tag->key) == 0)
			return replace(&settings->tags[i].value, tag->value);
	tags = reallocarray(settings->tags, settings->tags_len + 1, sizeof(*tags));
	if (!tags)
		return -ENOMEM;
	settings->tags = tags;
	if (replace(&added.key, tag->key) < 0 || replace(&added.value, tag->value) < 0) {
		free(added.key);
		return -ENOMEM;
	}
	tags[settings->tags_len++] = added;
	return 0;
}

int repository_settings_merge(
    struct repository_settings *settings, const struct repository_settings *over)
{
	int r = merge_mutability(settings, over);

	if (r == 0)
		r = merge_encryption(settings, over);
	for (size_t i = 0; i < over->tags_len && r == 0; i++)
		r = set_tag(settings, &over->tags[i]);
	if (r == 0)
		r = replace_said(&settings->lifecycle_policy, over->lifecycle_policy);
	if (r == 0)
		r = replace_said(&settings->repository_policy, over->repository_policy);
	if (over->scan_on_push != UNSAID)
		settings->scan_on_push = over->scan_on_push;
	if (over->from_template != UNSAID)
		settings->from_template = over->from_template;
	return r;
}

int repository_settings_expand(
    struct repository_settings *settings, const struct variables *variables)
{
	for (size_t i = 0; i < settings->tags_len; i++) {
		_cleanup_str_ struct str value = {};
		int r = variables_expand(variables, settings->tags[i].value, &value);

		if (r == 0)
			r = replace(&settings->tags[i].value, str_text(&value));
		if (r < 0)
			return r;
	}
	return 0;
}

/* Octets of the character here that a tag may hold, or of a variable; 0: none. */
static size_t tag_character(const char *text)
{
	static const char others[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				     "0123456789 _.:/=+-@";

	if ((unsigned char)*text >= 0x80)
		return utf8_length(text, strnlen(text, UTF8_LENGTH_MAX));
	return strchr(others, *text) ? 1 : variables_span(text);
}

/* what: the key or the value of the tag named key. */
static int check_text(
    const char *text, size_t max, const char *what, const char *key, struct err *e)
{
	size_t characters = 0;

	if (strncasecmp(text, "aws:", 4) == 0)
		return err_set(e, -EINVAL,
		    "tag \"%s\": AWS keeps what begins with aws: to itself, give another %s", key,
		    what);
	while (*text) {
		size_t octets = tag_character(text);

		if (octets == 0)
			return err_set(e, -EINVAL,
			    "tag \"%s\": its %s may hold letters, digits, spaces and _.:/=+-@, "
			    "nothing else",
			    key, what);
		/* A variable's own length says nothing about what it will give. */
		characters += variables_span(text) == 0;
		text += octets;
	}
	if (characters > max)
		return err_set(
		    e, -EINVAL, "tag \"%s\": its %s has more than %zu characters", key, what, max);
	return 0;
}

int repository_settings_check_tags(const struct repository_settings *settings, struct err *e)
{
	if (settings->tags_len > TAGS_MAX)
		return err_set(e, -EINVAL, "%zu tags: a repository has at most %d, remove some",
		    settings->tags_len, TAGS_MAX);
	for (size_t i = 0; i < settings->tags_len; i++) {
		const struct repository_tag *tag = &settings->tags[i];
		int r;

		if (*tag->key == '\0')
			return err_set(e, -EINVAL, "a tag without a key: give it one");
		r = check_text(tag->key, TAG_KEY_MAX, "key", tag->key, e);
		if (r == 0)
			r = check_text(tag->value, TAG_VALUE_MAX, "value", tag->key, e);
		if (r < 0)
			return r;
	}
	return 0;
}

/* One member, and what separates it from the one before. */
static int write_member(struct str *out, const char *before, const char *value)
{
	int r = str_append_text(out, before);

	return r < 0 ? r : json_write_string(out, value);
}

static int write_tags(const struct repository_settings *settings, struct str *out)
{
	int r = 0;

	for (size_t i = 0; i < settings->tags_len && r == 0; i++) {
		r = write_member(
		    out, i == 0 ? ",\"tags\":[{\"Key\":" : "},{\"Key\":", settings->tags[i].key);
		if (r == 0)
			r = write_member(out, ",\"Value\":", settings->tags[i].value);
	}
	return r < 0 || settings->tags_len == 0 ? r : str_append_text(out, "}]");
}

static int write_filters(const struct repository_settings *settings, struct str *out)
{
	int r = 0;

	for (size_t i = 0; i < settings->exclusion_filters_len && r == 0; i++) {
		r = str_append_text(
		    out, i == 0 ? ",\"imageTagMutabilityExclusionFilters\":[" : "},");
		if (r == 0)
			r = write_member(out, "{\"filterType\":\"WILDCARD\",\"filter\":",
			    settings->exclusion_filters[i]);
	}
	return r < 0 || settings->exclusion_filters_len == 0 ? r : str_append_text(out, "}]");
}

/* A key alone means KMS: without its type ECR takes none. */
static int write_encryption(const struct repository_settings *settings, struct str *out)
{
	const char *type = settings->encryption_type ? settings->encryption_type : "KMS";
	int r;

	if (!settings->encryption_type && !settings->kms_key)
		return 0;
	r = write_member(out, ",\"encryptionConfiguration\":{\"encryptionType\":", type);
	if (r == 0 && settings->kms_key)
		r = write_member(out, ",\"kmsKey\":", settings->kms_key);
	return r < 0 ? r : str_append_text(out, "}");
}

/* Each member after a comma. */
static int write_settings(const struct repository_settings *settings, struct str *out)
{
	const char *scanning = settings->scan_on_push == SAID_YES ? "true" : "false";
	int r = write_tags(settings, out);

	if (r == 0 && settings->image_tag_mutability)
		r = write_member(out, ",\"imageTagMutability\":", settings->image_tag_mutability);
	if (r == 0)
		r = write_filters(settings, out);
	if (r == 0 && settings->scan_on_push != UNSAID)
		r = str_appendf(
		    out, ",\"imageScanningConfiguration\":{\"scanOnPush\":%s}", scanning);
	return r < 0 ? r : write_encryption(settings, out);
}

int repository_settings_write_request(const struct repository_settings *settings,
    const char *account, const char *repository, struct str *ret)
{
	int r = write_member(ret, "{\"registryId\":", account);

	if (r == 0)
		r = write_member(ret, ",\"repositoryName\":", repository);
	if (r == 0)
		r = write_settings(settings, ret);
	return r < 0 ? r : str_append_text(ret, "}");
}

int repository_settings_write(const struct repository_settings *settings, struct str *ret)
{
	_cleanup_str_ struct str members = {};
	int r = write_settings(settings, &members);

	if (r == 0 && settings->lifecycle_policy)
		r = str_appendf(&members, ",\"lifecycle_policy\":%s", settings->lifecycle_policy);
	if (r == 0 && settings->repository_policy)
		r = str_appendf(&members, ",\"repository_policy\":%s", settings->repository_policy);
	/* Without the first comma. */
	return r < 0 ? r : str_appendf(ret, "{%s}", members.len ? members.data + 1 : "");
}

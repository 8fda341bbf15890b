#include "lambda_defaults.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "json.h"

#define MUTABILITY "IMAGE_TAG_MUTABILITY"
#define SCAN       "REPO_SCAN_ON_PUSH"
#define TAGS       "REPO_TAGS"

static int read_mutability(const char *text, struct repository_settings *ret, struct err *e)
{
	/* The forms with exclusions want filters: those stand in a rules file. */
	if (strcmp(text, "MUTABLE") != 0 && strcmp(text, "IMMUTABLE") != 0)
		return err_set(e, -EINVAL, MUTABILITY ": must be MUTABLE or IMMUTABLE");
	ret->image_tag_mutability = strdup(text);
	return ret->image_tag_mutability ? 0 : -ENOMEM;
}

/* Python, which the sample is written in, capitalizes them. */
static int read_scan(const char *text, struct repository_settings *ret, struct err *e)
{
	if (strcasecmp(text, "true") == 0)
		ret->scan_on_push = SAID_YES;
	else if (strcasecmp(text, "false") == 0)
		ret->scan_on_push = SAID_NO;
	else
		return err_set(e, -EINVAL, SCAN ": must be true or false");
	return 0;
}

static int add_tag(const struct json *member, struct repository_settings *ret, struct err *e)
{
	const char *value = json_string(member);
	struct repository_tag *tag = &ret->tags[ret->tags_len];

	if (!value)
		return err_set(
		    e, -EINVAL, TAGS ": the value of \"%s\" is no text", json_name(member));
	tag->key = strdup(json_name(member));
	tag->value = strdup(value);
	ret->tags_len++;
	return tag->key && tag->value ? 0 : -ENOMEM;
}

static int read_tags(const char *text, struct repository_settings *ret, struct err *e)
{
	_cleanup_(json_freep) struct json *root = NULL;
	struct err why = {};
	int r;

	r = json_parse(text, strlen(text), &root, &why);
	if (r == -ENOMEM)
		return r;
	if (r < 0 || json_kind(root) != JSON_OBJECT)
		return err_set(e, -EINVAL, TAGS ": must be a JSON object, {\"key\": \"value\"}");
	ret->tags = calloc(json_len(root) + 1, sizeof(*ret->tags));
	if (!ret->tags)
		return -ENOMEM;
	for (size_t i = 0; i < json_len(root) && r == 0; i++)
		r = add_tag(json_at(root, i), ret, e);
	for (size_t i = 0; i < ret->tags_len && r == 0; i++)
		if (variables_check(ret->tags[i].value, &why) < 0)
			r = err_set(e, -EINVAL, TAGS ": %s", why.text);
	if (r == 0 && repository_settings_check_tags(ret, &why) < 0)
		r = err_set(e, -EINVAL, TAGS ": %s", why.text);
	return r;
}

int lambda_defaults_apply(
    char *(*get)(const char *name), struct repository_settings *defaults, struct err *e)
{
	static const struct {
		const char *name;
		int (*read)(const char *text, struct repository_settings *ret, struct err *e);
	} variables[] = {{MUTABILITY, read_mutability}, {SCAN, read_scan}, {TAGS, read_tags}};
	_cleanup_(repository_settings_finish) struct repository_settings whole = {};
	struct repository_settings under;
	int r = 0;

	for (size_t i = 0; i < sizeof(variables) / sizeof(*variables) && r == 0; i++) {
		const char *text = get(variables[i].name);

		if (text && *text)
			r = variables[i].read(text, &whole, e);
	}
	if (r == 0)
		r = repository_settings_merge(&whole, defaults);
	if (r == -ENOMEM)
		return err_set(e, r, "out of memory");
	if (r < 0)
		return r;
	under = *defaults;
	*defaults = whole;
	whole = under;
	return 0;
}

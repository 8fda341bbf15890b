#include "ecr_templates.h"

#include <errno.h>
#include <string.h>

enum {
	/* The API's own maximum of a page; a registry has a few dozen. */
	PAGE = 1000,
	PAGES_MAX = 20,
};

/* Looks through a page; 0, −EBADMSG or −ENOMEM. */
typedef int (*look_function)(const struct json *list, void *userdata);

/* The best one so far. */
struct found {
	const char *repository;
	size_t rank; /* 0: none, 1: ROOT, else more with the prefix's length */
	struct repository_settings settings;
};

static void found_finish(struct found *found)
{
	repository_settings_finish(&found->settings);
}

/* A prefix ends with a slash, written or not. 0: it does not fit. */
static size_t rank_of(const char *prefix, const char *repository)
{
	size_t len = strlen(prefix);

	if (strcmp(prefix, "ROOT") == 0)
		return 1;
	if (len > 0 && prefix[len - 1] == '/')
		len--;
	if (len == 0 || strncmp(prefix, repository, len) != 0 || repository[len] != '/')
		return 0;
	return len + 1;
}

static int read_text(const struct json *object, const char *name, char **ret)
{
	const char *text = json_string(json_get(object, name));

	if (!text)
		return 0;
	*ret = strdup(text);
	return *ret ? 0 : -ENOMEM;
}

/* ECR hands it back as it was written, with lines and blanks: minified as all others are. */
static int read_policy(const struct json *object, const char *name, char **ret)
{
	const char *text = json_string(json_get(object, name));
	_cleanup_(json_freep) struct json *policy = NULL;
	_cleanup_str_ struct str minified = {};
	int r;

	if (!text || !*text)
		return 0;
	r = json_parse(text, strlen(text), &policy, NULL);
	if (r >= 0)
		r = json_write(&minified, policy);
	return r < 0 ? r : str_dup(str_text(&minified), ret);
}

static int read_filters(const struct json *list, struct repository_settings *ret)
{
	size_t len = list ? json_len(list) : 0;

	if (len == 0)
		return 0;
	ret->exclusion_filters = calloc(len, sizeof(*ret->exclusion_filters));
	if (!ret->exclusion_filters)
		return -ENOMEM;
	for (size_t i = 0; i < len; i++) {
		const char *filter = json_string(json_get(json_at(list, i), "filter"));

		if (!filter)
			return -EBADMSG;
		ret->exclusion_filters[i] = strdup(filter);
		if (!ret->exclusion_filters[i])
			return -ENOMEM;
		ret->exclusion_filters_len++;
	}
	return 0;
}

static int read_tags(const struct json *list, struct repository_settings *ret)
{
	size_t len = list ? json_len(list) : 0;

	if (len == 0)
		return 0;
	ret->tags = calloc(len, sizeof(*ret->tags));
	if (!ret->tags)
		return -ENOMEM;
	for (size_t i = 0; i < len; i++) {
		struct repository_tag *tag = &ret->tags[ret->tags_len++];
		int r = read_text(json_at(list, i), "Key", &tag->key);

		if (r >= 0)
			r = read_text(json_at(list, i), "Value", &tag->value);
		if (r < 0)
			return r;
		if (!tag->key || !tag->value)
			return -EBADMSG;
	}
	return 0;
}

static int read_settings(const struct json *template, struct repository_settings *ret)
{
	const struct json *encryption = json_get(template, "encryptionConfiguration");
	int r;

	r = read_text(template, "imageTagMutability", &ret->image_tag_mutability);
	if (r >= 0)
		r = read_filters(json_get(template, "imageTagMutabilityExclusionFilters"), ret);
	if (r >= 0)
		r = read_text(encryption, "encryptionType", &ret->encryption_type);
	if (r >= 0)
		r = read_text(encryption, "kmsKey", &ret->kms_key);
	if (r >= 0)
		r = read_tags(json_get(template, "resourceTags"), ret);
	if (r >= 0)
		r = read_policy(template, "lifecyclePolicy", &ret->lifecycle_policy);
	if (r >= 0)
		r = read_policy(template, "repositoryPolicy", &ret->repository_policy);
	return r;
}

/* Keeps what fits better. */
static int keep_best(const struct json *list, void *userdata)
{
	struct found *found = userdata;

	for (size_t i = 0; i < json_len(list); i++) {
		const struct json *template = json_at(list, i);
		const char *prefix = json_string(json_get(template, "prefix"));
		size_t rank = prefix ? rank_of(prefix, found->repository) : 0;
		int r;

		if (rank <= found->rank)
			continue;
		found->rank = rank;
		repository_settings_finish(&found->settings);
		r = read_settings(template, &found->settings);
		if (r < 0)
			return r;
	}
	return 0;
}

static int write_body(const struct registry *registry, const char *token, struct str *ret)
{
	int r;

	r = str_append_text(ret, "{\"registryId\":");
	if (r >= 0)
		r = json_write_string(ret, registry->account);
	if (r >= 0)
		r = str_appendf(ret, ",\"maxResults\":%d", PAGE);
	if (r >= 0 && token)
		r = str_append_text(ret, ",\"nextToken\":");
	if (r >= 0 && token)
		r = json_write_string(ret, token);
	return r < 0 ? r : str_append_text(ret, "}");
}

/* token: of this page, "" for the first; then of the next one, "" when there is none. */
static enum ecr_outcome read_page(
    struct ecr_call *call, struct str *token, look_function look, void *userdata, struct err *e)
{
	_cleanup_(aws_reply_finish) struct aws_reply reply = {};
	_cleanup_str_ struct str body = {};
	const struct json *list;
	const char *next;
	enum ecr_outcome outcome;
	int r;

	if (write_body(call->registry, token->len > 0 ? token->data : NULL, &body) < 0)
		return err_set(e, ECR_TRANSIENT, "out of memory");
	call->body = body.data;
	outcome = ecr_call(call, &reply, e);
	if (outcome != ECR_DONE)
		return outcome;
	list = json_get(reply.body, "repositoryCreationTemplates");
	if (!list)
		return ecr_call_refuse_answer(call, e);
	r = look(list, userdata);
	next = json_string(json_get(reply.body, "nextToken"));
	str_clear(token);
	if (r >= 0 && next)
		r = str_append_text(token, next);
	if (r == -EBADMSG)
		return ecr_call_refuse_answer(call, e);
	return r < 0 ? err_set(e, ECR_TRANSIENT, "out of memory") : ECR_DONE;
}

static enum ecr_outcome read_pages(const struct registry *registry, int64_t deadline_ms,
    look_function look, void *userdata, struct err *e)
{
	_cleanup_str_ struct str token = {};
	struct ecr_call call = {
	    registry, "DescribeRepositoryCreationTemplates", NULL, NULL, deadline_ms};
	enum ecr_outcome outcome;
	int page = 0;

	do {
		outcome = read_page(&call, &token, look, userdata, e);
		if (outcome != ECR_DONE)
			return outcome;
	} while (token.len > 0 && ++page < PAGES_MAX);
	if (token.len > 0)
		return err_set(e, ECR_INVALID,
		    "%s has more than %d pages of repository creation templates", registry->host,
		    PAGES_MAX);
	return ECR_DONE;
}

enum ecr_outcome ecr_find_creation_template(const struct registry *registry, const char *repository,
    int64_t deadline_ms, struct repository_settings *ret, struct err *e)
{
	_cleanup_(found_finish) struct found found = {.repository = repository};
	enum ecr_outcome outcome = read_pages(registry, deadline_ms, keep_best, &found, e);

	if (outcome != ECR_DONE)
		return outcome;
	if (found.rank == 0)
		return ECR_NOT_FOUND;
	*ret = found.settings;
	found.settings = (struct repository_settings){};
	return ECR_DONE;
}

static bool creates_on_push(const struct json *template)
{
	const struct json *applied = json_get(template, "appliedFor");

	for (size_t i = 0; applied && i < json_len(applied); i++) {
		const char *what = json_string(json_at(applied, i));

		if (what && strcmp(what, "CREATE_ON_PUSH") == 0)
			return true;
	}
	return false;
}

static int note_prefixes(const struct json *list, void *userdata)
{
	struct str *prefixes = userdata;
	int r = 0;

	for (size_t i = 0; i < json_len(list) && r == 0; i++) {
		const char *prefix = json_string(json_get(json_at(list, i), "prefix"));

		if (prefix && creates_on_push(json_at(list, i)))
			r = str_appendf(prefixes, "%s%s", prefixes->len > 0 ? ", " : "", prefix);
	}
	return r;
}

enum ecr_outcome ecr_list_create_on_push(
    const struct registry *registry, int64_t deadline_ms, struct str *ret, struct err *e)
{
	return read_pages(registry, deadline_ms, note_prefixes, ret, e);
}

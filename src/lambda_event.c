#include "lambda_event.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "ecr_host.h"

static int is_other(struct lambda_event *event, const char *why)
{
	event->kind = LAMBDA_EVENT_OTHER;
	return err_set(&event->why, 0, "%s", why);
}

/* A member that need not be there, which null stands for too. */
static const struct json *optional(const struct json *object, const char *name)
{
	const struct json *member = json_get(object, name);

	return member && json_kind(member) != JSON_NULL ? member : NULL;
}

static bool is_text(const struct json *member, const char *wanted)
{
	const char *text = json_string(member);

	return text && strcmp(text, wanted) == 0;
}

static bool is_or_lacks(const struct json *object, const char *name, const char *wanted)
{
	const struct json *member = optional(object, name);

	return !member || is_text(member, wanted);
}

/*
 * The calls of a push that find no repository: docker's and everybody's POST, and the PUT of a
 * manifest that needs no blob. Not those of a pull, which must not create what was mistyped.
 */
static bool is_push(const struct json *detail)
{
	const struct json *name = json_get(detail, "eventName");

	return is_text(name, "InitiateLayerUpload") || is_text(name, "PutImage");
}

/* The same as the rule that delivers the events; a rule may be wider, or somebody else's. */
static const char *check_pattern(const struct json *root, const struct json *detail)
{
	if (!is_or_lacks(root, "source", "aws.ecr") ||
	    !is_text(json_get(detail, "eventSource"), "ecr.amazonaws.com"))
		return "it is not about ECR";
	if (!is_or_lacks(root, "detail-type", "AWS API Call via CloudTrail"))
		return "it is no API call that CloudTrail saw";
	if (!is_push(detail))
		return "it is no call that begins a push";
	if (!is_text(json_get(detail, "errorCode"), "RepositoryNotFoundException"))
		return "the call did not fail for want of a repository";
	return NULL;
}

static bool is_account(const char *text)
{
	return text && strlen(text) == 12 && strspn(text, "0123456789") == 12;
}

/*
 * Whose registry, and where. EventBridge has the event in the caller's account, whoever owns the
 * registry: only where both are the same is the repository missing in this account.
 */
static const char *find_place(
    const struct json *root, const struct json *detail, struct lambda_event *ret)
{
	const struct json *of = json_get(detail, "requestParameters");
	const struct json *registry = optional(of, "registryId");
	const struct json *region = optional(detail, "awsRegion");

	ret->account = json_string(json_get(root, "account"));
	ret->region = json_string(region ? region : json_get(root, "region"));
	ret->repository = json_string(json_get(of, "repositoryName"));
	if (!is_account(ret->account))
		return "it names no account";
	if (registry && !is_text(registry, ret->account))
		return "the registry is another account's";
	if (!ret->region || !ecr_region_partition(ret->region))
		return "it names no region";
	return ret->repository ? NULL : "it names no repository";
}

/* The last part of arn:…:assumed-role/ROLE/SESSION, arn:…:user/PATH/NAME or arn:…:root. */
static void find_user(const struct json *detail, char ret[static LAMBDA_USER_SIZE])
{
	static const char taken[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789 _.:/=+-@";
	const struct json *identity = json_get(detail, "userIdentity");
	const char *name = json_string(json_get(identity, "arn")), *part;
	size_t len;

	if (!name)
		name = json_string(json_get(identity, "userName"));
	if (!name)
		name = "";
	part = strrchr(name, '/');
	if (!part)
		part = strrchr(name, ':');
	if (part)
		name = part + 1;
	len = strnlen(name, LAMBDA_USER_SIZE - 1);
	for (size_t i = 0; i < len; i++)
		ret[i] = strchr(taken, name[i]) ? name[i] : '_';
	ret[len] = '\0';
}

static int read_tree(struct lambda_event *event)
{
	const struct json *detail = json_get(event->root, "detail");
	const struct json *records = json_get(event->root, "Records");
	const char *why;

	if (records && json_kind(records) == JSON_ARRAY) {
		event->kind = LAMBDA_EVENT_BATCH;
		return 0;
	}
	why = check_pattern(event->root, detail);
	if (!why)
		why = find_place(event->root, detail, event);
	if (why) {
		event->account = event->region = event->repository = NULL;
		return is_other(event, why);
	}
	event->id = json_string(json_get(event->root, "id"));
	find_user(detail, event->user);
	event->kind = LAMBDA_EVENT_OURS;
	return 0;
}

int lambda_event_read(const char *text, size_t len, struct lambda_event *ret)
{
	struct err why = {};
	int r;

	*ret = (struct lambda_event){.kind = LAMBDA_EVENT_JUNK};
	r = json_parse(text, len, &ret->root, &why);
	if (r == -ENOMEM)
		return r;
	if (r < 0)
		return err_set(&ret->why, 0, "it is no JSON: %s", why.text);
	return read_tree(ret);
}

void lambda_event_finish(struct lambda_event *event)
{
	json_free(event->root);
	*event = (struct lambda_event){};
}

size_t lambda_event_records(const struct lambda_event *batch)
{
	return json_len(json_get(batch->root, "Records"));
}

int lambda_event_record(const struct lambda_event *batch, size_t i, struct lambda_event *ret,
    const char **ret_message_id)
{
	const struct json *record = json_at(json_get(batch->root, "Records"), i);
	const char *body = json_string(json_get(record, "body"));
	int r;

	*ret_message_id = json_string(json_get(record, "messageId"));
	if (!body) {
		*ret = (struct lambda_event){.kind = LAMBDA_EVENT_JUNK};
		return err_set(&ret->why, 0, "it is no message of SQS: it has no body");
	}
	r = lambda_event_read(body, strlen(body), ret);
	if (r == 0 && ret->kind == LAMBDA_EVENT_BATCH)
		is_other(ret, "it is a batch within a batch");
	return r;
}

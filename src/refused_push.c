#include "refused_push.h"

#include <string.h>

#include "clock.h"
#include "repository_name.h"

/* Of a target that names no repository of ours: what a person needs to know it again. */
enum { TARGET_SHOWN_MAX = 256 };

/* What a person can do about it. NULL: as the message says. */
static const char *remedy_of(const struct oci_error *error, bool ours, const char *repository)
{
	if (error->status == 504)
		return "Push again; if it stays so, ecr-upsertd doctor shows what does not answer";
	if (ours)
		return strcmp(error->code, "NAME_UNKNOWN")
			   ? NULL
			   : "Push to a registry that the daemon serves, or add this one to "
			     "registries of its configuration";
	if (!repository_name_is_valid(repository))
		return REPOSITORY_NAME_REMEDY;
	if (!strcmp(error->code, "TAG_INVALID"))
		return "Push under a tag that is not taken, or make the tags of this repository "
		       "mutable: aws ecr put-image-tag-mutability";
	/* An answer to HEAD has no code. */
	if (!strcmp(error->code, "DENIED") || error->status == 403)
		return "Have the rights to push given to the AWS identity of the daemon: "
		       "ecr-upsertd doctor shows which it lacks";
	return NULL;
}

/* Whether a blob is there is asked by those who push: where that is denied, they push nothing. */
static bool is_push(const struct exchange *x, unsigned status)
{
	static const char *const methods[] = {"POST", "PUT", "PATCH"};

	if (status == 403 && x->route.operation == OPERATION_BLOB && str_same(x->method, "HEAD"))
		return true;
	for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++)
		if (x->method && strcmp(x->method, methods[i]) == 0)
			return true;
	return false;
}

/* "HOST/NAME" of "/v2/HOST/NAME/blobs/…". Free. */
static char *shown_target(const char *target)
{
	static const char *const ends[] = {"/blobs/", "/manifests/", "?"};
	const char *begin = strncmp(target, "/v2/", 4) == 0 ? target + 4 : target;
	size_t len = strnlen(begin, TARGET_SHOWN_MAX);

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		const char *end = strstr(begin, ends[i]);

		if (end && (size_t)(end - begin) < len)
			len = (size_t)(end - begin);
	}
	return str_copy(begin, len);
}

/*
 * What it was to be pushed to; NULL: it was no push, or there is no memory. Free. Whom we do not
 * let in hears it at a client's first request, which names nothing, and never comes to push.
 */
static char *name_of(const struct exchange *x, unsigned status)
{
	if (x->pass.target && is_push(x, status))
		return x->route.repository ? strdup(x->route.repository)
					   : shown_target(x->pass.target);
	return x->refusal.status == 403 && !x->access.operation ? strdup("/v2/") : NULL;
}

/* The registry's own words, under one of the codes that remedy_of() knows. */
static void read_answer(const struct http_answer *answer, struct oci_error *ret)
{
	_cleanup_(freep) char *code = NULL, *message = NULL;
	const char *known = "UNKNOWN";

	if (!answer->body.len ||
	    oci_error_read(answer->body.data, answer->body.len, &code, &message) < 0 || !*message) {
		oci_error_set(
		    ret, answer->status, known, "the registry answers %u", answer->status);
		return;
	}
	if (!strcmp(code, "TAG_INVALID"))
		known = "TAG_INVALID";
	else if (!strcmp(code, "DENIED"))
		known = "DENIED";
	oci_error_set(ret, answer->status, known, "the registry refuses it: %s", message);
}

void refused_push_note(const struct exchange *x, const struct http_answer *answer)
{
	bool ours = x->refusal.status != 0;
	struct oci_error error = x->refusal;
	_cleanup_(freep) char *name = NULL;
	struct refused refused = {
	    .registry = x->access.registry,
	    .time_ms = clock_wall_ms(),
	    .passes = true,
	    .error = &error,
	};

	/* What is not created is listed with its rule. */
	if (answer->status < 400 || !x->context->refusals ||
	    str_same(x->access.reason, "not-created"))
		return;
	name = name_of(x, answer->status);
	if (!name)
		return;
	if (!ours)
		read_answer(answer, &error);
	refused.repository = name;
	refused.remedy = remedy_of(&error, ours, name);
	refusals_note(x->context->refusals, &refused);
}

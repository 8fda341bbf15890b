#pragma once
/*
 * ECR's API and the daemon's state, played for the creation's files: what is asked of them is noted
 * in order. Included by one test program each; the linker takes these before the library's own.
 */
#include <string.h>

#include "creation.h"
#include "ecr_api.h"
#include "ecr_templates.h"

static struct {
	enum ecr_outcome creates[4]; /* the n-th call's outcome, the last one ever after */
	unsigned created;            /* calls */
	enum ecr_outcome describes[4];
	unsigned described;
	enum ecr_outcome template;
	unsigned templates_throttled; /* before that */
	const char *template_mutability;
	bool over_budget;
	bool disk_full;
	int is_ours;
	struct str steps; /* "reserve begin create fulfil " */
	struct str request;
	struct str settings; /* to be noted of it */
} state;

static inline void note_step(const char *step)
{
	str_appendf(&state.steps, "%s ", step);
}

static inline enum ecr_outcome nth(const enum ecr_outcome *outcomes, unsigned n)
{
	return outcomes[n < 4 ? n : 3];
}

enum ecr_outcome ecr_create_repository(const struct registry *registry, const char *repository,
    const struct repository_settings *settings, int64_t deadline_ms, struct err *e)
{
	note_step("create");
	str_clear(&state.request);
	repository_settings_write_request(settings, registry->account, repository, &state.request);
	err_set(e, 0, "played");
	return nth(state.creates, state.created++);
}

enum ecr_outcome ecr_describe_repository(const struct registry *registry, const char *repository,
    int64_t deadline_ms, double *ret_created_at, struct err *e)
{
	note_step("describe");
	err_set(e, 0, "played");
	return nth(state.describes, state.described++);
}

enum ecr_outcome ecr_get_authorization_token(const struct registry *registry, int64_t deadline_ms,
    char **ret_token, int64_t *ret_expires_s, struct err *e)
{
	return ECR_TRANSIENT;
}

enum ecr_outcome ecr_find_creation_template(const struct registry *registry, const char *repository,
    int64_t deadline_ms, struct repository_settings *ret, struct err *e)
{
	note_step("template");
	if (state.templates_throttled > 0) {
		state.templates_throttled--;
		return err_set(e, ECR_TRANSIENT, "played");
	}
	if (state.template == ECR_DONE)
		ret->image_tag_mutability = strdup(state.template_mutability);
	else
		err_set(e, 0, "played");
	return state.template;
}

int created_reserve(struct created *created, unsigned max_per_hour, int64_t now_ms)
{
	note_step("reserve");
	return state.over_budget ? -EDQUOT : 0;
}

void created_release(struct created *created)
{
	note_step("release");
}

int pending_begin(
    struct pending *pending, const struct owed *owed, struct pending_entry **ret, struct err *e)
{
	note_step("begin");
	str_clear(&state.settings);
	str_append_text(&state.settings, owed->settings ? owed->settings : "");
	if (state.disk_full)
		return err_set(e, -ENOSPC, "the disk is full");
	*ret = (struct pending_entry *)&state;
	return 0;
}

void pending_drop(struct pending *pending, struct pending_entry *entry)
{
	note_step("drop");
}

void pending_fulfil(struct pending *pending, struct pending_entry *entry, int64_t deadline_ms)
{
	note_step("fulfil");
}

void pending_unclear(struct pending *pending, struct pending_entry *entry)
{
	note_step("unclear");
}

int pending_is_ours(
    struct pending *pending, const struct pending_entry *entry, int64_t deadline_ms, struct err *e)
{
	note_step("is-ours");
	return state.is_ours;
}

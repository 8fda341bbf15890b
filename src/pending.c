#include "pending.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "aws_api.h"
#include "clock.h"
#include "log.h"
#include "pending_work.h"
#include "wait.h"

/* One of the files that an earlier run left. */
static int load(const char *name, const struct str *text, void *userdata)
{
	struct pending *pending = userdata;
	_cleanup_(spooled_finish) struct spooled what = {};
	struct pending_entry *entry;
	int r;

	if (pending->len == PENDING_MAX) {
		log_warn("%s: more than %d files: what is beyond that waits for the next start",
		    spool_path(pending->spool), PENDING_MAX);
		return 1;
	}
	r = strlen(name) < SPOOL_NAME_SIZE ? spooled_read(text->data, text->len, &what) : -EBADMSG;
	if (r < 0)
		return r;
	entry = pending_entry_new(&what, NULL, clock_mono_ms());
	if (!entry)
		return -ENOMEM;
	strcpy(entry->name, name);
	entry->left = true;
	entry->counted = !entry->what.owed[FOLLOW_UP_RECORD];
	if (!entry->counted)
		created_reserve(pending->created, UINT_MAX, clock_wall_ms());
	pending_add(pending, entry);
	return 0;
}

static int start(struct pending *pending, const struct state_dir *dir, struct err *e)
{
	int r;

	r = spool_open(dir, &pending->spool, e);
	if (r < 0)
		return r;
	r = spool_each(pending->spool, load, pending);
	if (r < 0)
		return err_set(
		    e, r, "%s cannot be read: %s", spool_path(pending->spool), strerror(-r));
	if (pending->len > 0)
		log_info("to be completed from an earlier run: %zu", pending->len);
	r = pthread_create(&pending->thread, NULL, pending_work, pending);
	return r == 0 ? 0 : err_set(e, -r, "no thread for what is pending: %s", strerror(r));
}

static void finish(struct pending *pending)
{
	while (pending->oldest) {
		struct pending_entry *entry = pending->oldest;

		pending_take_off(pending, entry);
		pending_entry_free(entry);
	}
	pthread_cond_destroy(&pending->changed);
	pthread_mutex_destroy(&pending->lock);
	spool_free(pending->spool);
	free(pending);
}

int pending_open(struct state_dir *dir, struct created *created, registry_by_host find,
    void *userdata, const struct stop *stop, struct pending **ret, struct err *e)
{
	struct pending *pending = calloc(1, sizeof(*pending));
	int r;

	if (!pending)
		return err_set(e, -ENOMEM, "out of memory");
	pending->created = created;
	pending->find = find;
	pending->userdata = userdata;
	pending->stop = stop;
	pthread_mutex_init(&pending->lock, NULL);
	wait_init(&pending->changed);
	r = start(pending, dir, e);
	if (r < 0) {
		finish(pending);
		return r;
	}
	*ret = pending;
	return 0;
}

void pending_stop(struct pending *pending)
{
	if (!pending)
		return;
	pthread_mutex_lock(&pending->lock);
	pending->stopping = true;
	pthread_cond_broadcast(&pending->changed);
	pthread_mutex_unlock(&pending->lock);
}

void pending_free(struct pending *pending)
{
	if (!pending)
		return;
	pending_stop(pending);
	pthread_join(pending->thread, NULL);
	finish(pending);
}

static int describe(const struct owed *owed, struct spooled *ret)
{
	int r;

	r = str_dup(owed->registry->host, &ret->registry);
	if (r >= 0)
		r = str_dup(owed->repository, &ret->repository);
	if (r >= 0)
		r = str_dup(owed->rule, &ret->rule);
	if (r >= 0)
		r = str_dup(owed->user, &ret->user);
	if (r >= 0)
		r = str_dup(owed->lifecycle_policy, &ret->lifecycle_policy);
	if (r >= 0)
		r = str_dup(owed->repository_policy, &ret->repository_policy);
	if (r >= 0)
		r = str_dup(owed->settings, &ret->settings);
	ret->time_ms = clock_wall_ms();
	ret->aws_time_s = aws_api_now_s(owed->registry->api);
	ret->owed[FOLLOW_UP_ASK] = ret->owed[FOLLOW_UP_RECORD] = true;
	ret->owed[FOLLOW_UP_LIFECYCLE] = ret->lifecycle_policy;
	ret->owed[FOLLOW_UP_POLICY] = ret->repository_policy;
	return r;
}

static void leave_place(struct pending *pending, struct pending_entry *entry)
{
	pthread_mutex_lock(&pending->lock);
	pending_take_off(pending, entry);
	pthread_mutex_unlock(&pending->lock);
}

int pending_begin(
    struct pending *pending, const struct owed *owed, struct pending_entry **ret, struct err *e)
{
	_cleanup_(spooled_finish) struct spooled what = {};
	struct pending_entry *entry;
	int r = describe(owed, &what);

	entry = r < 0 ? NULL : pending_entry_new(&what, owed->registry, clock_mono_ms());
	if (!entry)
		return err_set(e, -ENOMEM, "out of memory");
	entry->creating = entry->held = true;
	r = spool_name(entry->what.time_ms, entry->name);
	if (r == 0)
		r = pending_take_place(pending, entry);
	if (r < 0) {
		pending_entry_free(entry);
		return err_set(
		    e, r, "%d creations wait to be completed: see ecr-upsertd status", PENDING_MAX);
	}
	r = pending_put(pending, entry);
	if (r < 0) {
		leave_place(pending, entry);
		pending_entry_free(entry);
		return err_set(e, r, "the daemon cannot note it in %s: %s",
		    spool_path(pending->spool), strerror(-r));
	}
	*ret = entry;
	return 0;
}

void pending_drop(struct pending *pending, struct pending_entry *entry)
{
	leave_place(pending, entry);
	pending_discard(pending, entry);
}

/* Until the next try is due. False when that is too late, or nothing is left to try. */
static bool pause_until_due(
    struct pending *pending, const struct pending_entry *entry, int64_t deadline_ms)
{
	int64_t due_ms;
	bool over;

	pthread_mutex_lock(&pending->lock);
	due_ms = entry->due_ms;
	over = entry->over;
	pthread_mutex_unlock(&pending->lock);
	return !over && due_ms < deadline_ms && !stop_sleep(pending->stop, clock_left_ms(due_ms));
}

void pending_fulfil(struct pending *pending, struct pending_entry *entry, int64_t deadline_ms)
{
	bool progress = false;

	deadline_ms = clock_within_ms(PENDING_PATIENCE_MS, deadline_ms);
	pthread_mutex_lock(&pending->lock);
	entry->what.owed[FOLLOW_UP_ASK] = false;
	entry->since_ms = clock_mono_ms();
	pending_supersede(pending, entry, true);
	pthread_mutex_unlock(&pending->lock);
	do
		progress = pending_try(pending, entry, deadline_ms) || progress;
	while (pause_until_due(pending, entry, deadline_ms));
	pending_let_go(pending, entry, progress);
}

void pending_unclear(struct pending *pending, struct pending_entry *entry)
{
	pthread_mutex_lock(&pending->lock);
	entry->since_ms = entry->due_ms = clock_mono_ms();
	pthread_mutex_unlock(&pending->lock);
	pending_let_go(pending, entry, false);
}

int pending_is_ours(
    struct pending *pending, const struct pending_entry *entry, int64_t deadline_ms, struct err *e)
{
	switch (follow_up_call(FOLLOW_UP_ASK, &entry->what, entry->registry, deadline_ms, e)) {
	case FOLLOW_UP_DONE:
		return 1;
	case FOLLOW_UP_FOREIGN:
		return 0;
	default:
		return -EAGAIN;
	}
}

void pending_retry(struct pending *pending)
{
	pthread_mutex_lock(&pending->lock);
	for (struct pending_entry *at = pending->oldest; at; at = at->next)
		pending_entry_retry(at, clock_mono_ms());
	pthread_cond_broadcast(&pending->changed);
	pthread_mutex_unlock(&pending->lock);
}

int pending_write(struct pending *pending, struct str *ret)
{
	_cleanup_str_ struct str array = {};
	int r = str_append_text(&array, "[");

	pthread_mutex_lock(&pending->lock);
	for (struct pending_entry *at = pending->oldest; at && r >= 0; at = at->next)
		r = pending_entry_write(at, &array);
	pthread_mutex_unlock(&pending->lock);
	if (r >= 0)
		r = str_append_text(&array, "]");
	return r < 0 ? r : str_append(ret, array.data, array.len);
}

size_t pending_len(struct pending *pending)
{
	size_t n = 0;

	pthread_mutex_lock(&pending->lock);
	for (struct pending_entry *at = pending->oldest; at; at = at->next)
		n += pending_entry_len(at);
	pthread_mutex_unlock(&pending->lock);
	return n;
}

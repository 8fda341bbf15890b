#include "pending_work.h"

#include <errno.h>
#include <string.h>

#include "clock.h"
#include "limits.h"
#include "log.h"
#include "wait.h"

void pending_add(struct pending *pending, struct pending_entry *entry)
{
	struct pending_entry **link = &pending->oldest;

	while (*link)
		link = &(*link)->next;
	*link = entry;
	pending->len++;
}

void pending_take_off(struct pending *pending, struct pending_entry *entry)
{
	struct pending_entry **link = &pending->oldest;

	while (*link != entry)
		link = &(*link)->next;
	*link = entry->next;
	pending->len--;
}

void pending_supersede(struct pending *pending, const struct pending_entry *entry, bool all)
{
	for (struct pending_entry *at = pending->oldest; at; at = at->next) {
		if (at == entry || at->creating || (!all && !at->what.owed[FOLLOW_UP_ASK]) ||
		    strcmp(at->what.repository, entry->what.repository) != 0 ||
		    strcmp(at->what.registry, entry->what.registry) != 0)
			continue;
		at->over = true;
		at->due_ms = 0;
	}
	pthread_cond_broadcast(&pending->changed);
}

void pending_discard(struct pending *pending, struct pending_entry *entry)
{
	int r;

	if (!entry->counted)
		created_release(pending->created);
	r = spool_remove(pending->spool, entry->name);
	if (r < 0)
		log_warn("%s/%s cannot be removed: %s", spool_path(pending->spool), entry->name,
		    strerror(-r));
	pending_entry_free(entry);
}

int pending_put(struct pending *pending, const struct pending_entry *entry)
{
	_cleanup_str_ struct str text = {};
	int r = spooled_write(&entry->what, &text);

	return r < 0 ? r : spool_write(pending->spool, entry->name, &text);
}

/* Under the lock: the oldest one that only waits for somebody to change something, or NULL. */
static struct pending_entry *take_refused(struct pending *pending)
{
	struct pending_entry *entry = pending->oldest;

	while (entry && (entry->held || entry->due_ms != INT64_MAX))
		entry = entry->next;
	if (entry)
		pending_take_off(pending, entry);
	return entry;
}

int pending_take_place(struct pending *pending, struct pending_entry *entry)
{
	struct pending_entry *refused = NULL;
	bool fits;

	pthread_mutex_lock(&pending->lock);
	if (pending->len == PENDING_MAX)
		refused = take_refused(pending);
	fits = pending->len < PENDING_MAX;
	if (fits)
		pending_add(pending, entry);
	pthread_mutex_unlock(&pending->lock);
	if (refused) {
		log_error("repository %s in %s: what it was refused is given up, %d others wait",
		    refused->what.repository, refused->what.registry, PENDING_MAX);
		pending_discard(pending, refused);
	}
	return fits ? 0 : -ENOSPC;
}

/* Without the lock. */
static enum follow_up_result try_step(struct pending *pending, struct pending_entry *entry,
    enum follow_up step, int64_t deadline_ms, struct err *e)
{
	bool may_be_there = entry->left || entry->steps[step].attempts > 0;

	if (step == FOLLOW_UP_RECORD)
		return follow_up_record(
		    &entry->what, pending->created, may_be_there, &entry->counted, e);
	if (!entry->registry)
		entry->registry = pending->find(entry->what.registry, pending->userdata);
	if (!entry->registry)
		return err_set(e, FOLLOW_UP_REFUSED,
		    "the registry %s is not configured any more: add it again, or remove "
		    "%s/%s",
		    entry->what.registry, spool_path(pending->spool), entry->name);
	return follow_up_call(step, &entry->what, entry->registry, deadline_ms, e);
}

bool pending_try(struct pending *pending, struct pending_entry *entry, int64_t deadline_ms)
{
	bool progress = false;

	for (enum follow_up step = 0; step < FOLLOW_UPS; step++) {
		enum follow_up_result result;
		struct err why = {};
		bool wanted;

		pthread_mutex_lock(&pending->lock);
		wanted = !pending->stopping && pending_entry_wants(entry, step);
		pthread_mutex_unlock(&pending->lock);
		if (!wanted)
			continue;
		result = try_step(pending, entry, step, deadline_ms, &why);
		progress = progress || result == FOLLOW_UP_DONE;
		pthread_mutex_lock(&pending->lock);
		pending_entry_take(entry, step, result, &why, clock_mono_ms());
		if (step == FOLLOW_UP_ASK && result == FOLLOW_UP_DONE)
			pending_supersede(pending, entry, false);
		pthread_mutex_unlock(&pending->lock);
	}
	pthread_mutex_lock(&pending->lock);
	pending_entry_schedule(entry, clock_mono_ms());
	pthread_mutex_unlock(&pending->lock);
	return progress;
}

void pending_let_go(struct pending *pending, struct pending_entry *entry, bool progress)
{
	bool over;

	pthread_mutex_lock(&pending->lock);
	over = entry->over;
	pthread_mutex_unlock(&pending->lock);
	if (progress && !over)
		pending_put(pending, entry);
	pthread_mutex_lock(&pending->lock);
	over = entry->over;
	if (over) {
		pending_take_off(pending, entry);
	} else {
		entry->creating = entry->held = false;
		entry->left = true;
		pthread_cond_broadcast(&pending->changed);
	}
	pthread_mutex_unlock(&pending->lock);
	if (over)
		pending_discard(pending, entry);
}

/* Under the lock: the one to work at next, or NULL and until when to wait. */
static struct pending_entry *next_due(struct pending *pending, int64_t *ret_until_ms)
{
	struct pending_entry *next = NULL;

	for (struct pending_entry *at = pending->oldest; at; at = at->next)
		if (!at->held && (!next || at->due_ms < next->due_ms))
			next = at;
	*ret_until_ms = clock_mono_ms() + PENDING_PAUSE_MAX_MS;
	if (next && next->due_ms < *ret_until_ms)
		*ret_until_ms = next->due_ms;
	return next && next->due_ms <= clock_mono_ms() ? next : NULL;
}

void *pending_work(void *userdata)
{
	struct pending *pending = userdata;

	pthread_mutex_lock(&pending->lock);
	while (!pending->stopping) {
		int64_t until_ms;
		struct pending_entry *entry = next_due(pending, &until_ms);

		if (!entry) {
			wait_until(&pending->changed, &pending->lock, until_ms);
			continue;
		}
		entry->held = true;
		pthread_mutex_unlock(&pending->lock);
		pending_let_go(pending, entry,
		    pending_try(pending, entry, clock_mono_ms() + LIMIT_API_CALL_MS));
		pthread_mutex_lock(&pending->lock);
	}
	pthread_mutex_unlock(&pending->lock);
	return NULL;
}

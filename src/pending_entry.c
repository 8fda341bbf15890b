#include "pending_entry.h"

#include <string.h>

#include "json.h"
#include "log.h"

struct pending_entry *pending_entry_new(
    struct spooled *what, const struct registry *registry, int64_t now_ms)
{
	struct pending_entry *entry = calloc(1, sizeof(*entry));

	if (!entry)
		return NULL;
	entry->what = *what;
	*what = (struct spooled){};
	entry->registry = registry;
	entry->since_ms = entry->due_ms = now_ms;
	entry->pause_ms = PENDING_PAUSE_FIRST_MS;
	return entry;
}

void pending_entry_free(struct pending_entry *entry)
{
	if (!entry)
		return;
	for (size_t i = 0; i < FOLLOW_UPS; i++)
		free(entry->steps[i].last_error);
	spooled_finish(&entry->what);
	free(entry);
}

bool pending_entry_wants(const struct pending_entry *entry, enum follow_up step)
{
	const bool *owed = entry->what.owed;

	return !entry->over && owed[step] && !entry->steps[step].refused &&
	       (step == FOLLOW_UP_ASK || !owed[FOLLOW_UP_ASK]);
}

static void keep_error(struct pending_step *step, const char *text)
{
	char *copy = text ? strdup(text) : NULL;

	free(step->last_error);
	step->last_error = copy;
}

/* Not there, and had its time: it was never created, or it is gone by now. */
static void give_up_missing(struct pending_entry *entry, enum follow_up step, int64_t now_ms)
{
	const struct spooled *what = &entry->what;

	if (now_ms < entry->since_ms + PENDING_SETTLED_MS)
		return;
	/* The answer to a policy may lag behind: DescribeRepositories decides. */
	if (step != FOLLOW_UP_ASK) {
		entry->what.owed[FOLLOW_UP_ASK] = true;
		return;
	}
	entry->over = true;
	log_info("repository %s in %s does not exist: what it was to get is dropped",
	    what->repository, what->registry);
}

static void refuse(struct pending_entry *entry, enum follow_up step, const char *why)
{
	entry->steps[step].refused = true;
	log_error("repository %s in %s lacks its %s until SIGHUP or a restart: %s",
	    entry->what.repository, entry->what.registry, follow_up_name(step), why);
}

void pending_entry_take(struct pending_entry *entry, enum follow_up step,
    enum follow_up_result result, const struct err *why, int64_t now_ms)
{
	const struct spooled *what = &entry->what;

	if (result == FOLLOW_UP_DONE) {
		if (entry->steps[step].attempts > 0)
			log_info("repository %s in %s: its %s is made up for", what->repository,
			    what->registry, follow_up_name(step));
		entry->what.owed[step] = false;
		keep_error(&entry->steps[step], NULL);
		return;
	}
	entry->steps[step].attempts++;
	keep_error(&entry->steps[step], why->text);
	switch (result) {
	case FOLLOW_UP_REFUSED:
		refuse(entry, step, why->text);
		break;
	case FOLLOW_UP_MISSING:
		give_up_missing(entry, step, now_ms);
		break;
	case FOLLOW_UP_FOREIGN:
		entry->over = true;
		log_warn("repository %s in %s is left as it is: %s", what->repository,
		    what->registry, why->text);
		break;
	default:
		log_debug("repository %s in %s: %s: %s", what->repository, what->registry,
		    follow_up_name(step), why->text);
		break;
	}
}

void pending_entry_retry(struct pending_entry *entry, int64_t now_ms)
{
	for (size_t i = 0; i < FOLLOW_UPS; i++)
		entry->steps[i].refused = false;
	entry->pause_ms = PENDING_PAUSE_FIRST_MS;
	entry->due_ms = now_ms;
	entry->again = entry->held;
	/* It may have another identity by now; the one in use is its holder's. */
	if (!entry->held)
		entry->registry = NULL;
}

void pending_entry_schedule(struct pending_entry *entry, int64_t now_ms)
{
	bool owes = false, wants = false;

	for (enum follow_up step = 0; step < FOLLOW_UPS; step++) {
		owes = owes || entry->what.owed[step];
		wants = wants || pending_entry_wants(entry, step);
	}
	entry->over = entry->over || !owes;
	if (entry->again) {
		pending_entry_retry(entry, now_ms);
		entry->again = false;
		entry->registry = NULL;
		return;
	}
	entry->due_ms = wants ? now_ms + entry->pause_ms : INT64_MAX;
	entry->pause_ms *= 2;
	if (entry->pause_ms > PENDING_PAUSE_MAX_MS)
		entry->pause_ms = PENDING_PAUSE_MAX_MS;
}

size_t pending_entry_len(const struct pending_entry *entry)
{
	size_t n = 0;

	for (size_t i = 0; i < FOLLOW_UPS && !entry->creating; i++)
		n += entry->what.owed[i];
	return n;
}

static int write_step(const struct pending_entry *entry, enum follow_up step, struct str *ret)
{
	const char *error = entry->steps[step].last_error;
	int r;

	r = str_append_text(ret, ret->data[ret->len - 1] == '[' ? "{" : ",{");
	if (r >= 0)
		r = str_append_text(ret, "\"registry\":");
	if (r >= 0)
		r = json_write_string(ret, entry->what.registry);
	if (r >= 0)
		r = str_append_text(ret, ",\"repository\":");
	if (r >= 0)
		r = json_write_string(ret, entry->what.repository);
	if (r >= 0)
		r = str_appendf(ret,
		    ",\"what\":\"%s\",\"attempts\":%u,\"last_error\":", follow_up_name(step),
		    entry->steps[step].attempts);
	if (r >= 0)
		r = json_write_string_or_null(ret, error);
	return r < 0 ? r : str_append_text(ret, "}");
}

int pending_entry_write(const struct pending_entry *entry, struct str *ret)
{
	int r = 0;

	for (enum follow_up step = 0; step < FOLLOW_UPS && r >= 0 && !entry->creating; step++)
		if (entry->what.owed[step])
			r = write_step(entry, step, ret);
	return r;
}

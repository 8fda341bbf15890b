#include "refusals.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "json.h"
#include "timefmt.h"

struct refusal {
	struct refusal *next;
	char *registry; /* or NULL */
	char *repository;
	char *rule, *remedy; /* or NULL */
	int64_t time_ms;
	bool remembered;
	unsigned status;
	const char *code;
	char *message;
};

struct refusals {
	pthread_mutex_t lock;
	struct refusal *newest; /* and older ones behind it */
	size_t len;
};

static void refusal_free(struct refusal *refusal)
{
	if (!refusal)
		return;
	free(refusal->registry);
	free(refusal->repository);
	free(refusal->rule);
	free(refusal->remedy);
	free(refusal->message);
	free(refusal);
}
DEFINE_CLEANUP(struct refusal *, refusal_free);

/* NULL without memory. */
static struct refusal *refusal_new(const struct refused *refused)
{
	_cleanup_(refusal_freep) struct refusal *refusal = calloc(1, sizeof(*refusal));

	if (!refusal)
		return NULL;
	if (str_dup(refused->registry, &refusal->registry) < 0 ||
	    str_dup(refused->repository, &refusal->repository) < 0 ||
	    str_dup(refused->rule, &refusal->rule) < 0 ||
	    str_dup(refused->remedy, &refusal->remedy) < 0 ||
	    str_dup(refused->error->message, &refusal->message) < 0)
		return NULL;
	refusal->time_ms = refused->time_ms;
	refusal->remembered = !refused->passes;
	refusal->status = refused->error->status;
	refusal->code = refused->error->code;
	return TAKE_PTR(refusal);
}

int refusals_new(struct refusals **ret)
{
	struct refusals *refusals = calloc(1, sizeof(*refusals));

	if (!refusals)
		return -ENOMEM;
	pthread_mutex_init(&refusals->lock, NULL);
	*ret = refusals;
	return 0;
}

void refusals_free(struct refusals *refusals)
{
	if (!refusals)
		return;
	while (refusals->newest) {
		struct refusal *refusal = refusals->newest;

		refusals->newest = refusal->next;
		refusal_free(refusal);
	}
	pthread_mutex_destroy(&refusals->lock);
	free(refusals);
}

/* Under the lock: the link to it, or to the NULL at the end. */
static struct refusal **find(
    struct refusals *refusals, const char *registry, const char *repository)
{
	struct refusal **link = &refusals->newest;

	while (*link && (strcmp((*link)->repository, repository) != 0 ||
			    !str_same((*link)->registry, registry)))
		link = &(*link)->next;
	return link;
}

/* Under the lock: takes it off the list. NULL for the NULL at the end. */
static struct refusal *take(struct refusals *refusals, struct refusal **link)
{
	struct refusal *refusal = *link;

	if (!refusal)
		return NULL;
	*link = refusal->next;
	refusals->len--;
	return refusal;
}

void refusals_note(struct refusals *refusals, const struct refused *refused)
{
	struct refusal *refusal = refusal_new(refused), *old;

	if (!refusal)
		return;
	pthread_mutex_lock(&refusals->lock);
	old = take(refusals, find(refusals, refused->registry, refused->repository));
	if (refusals->len == REFUSALS_MAX) {
		struct refusal **oldest = &refusals->newest;

		while ((*oldest)->next)
			oldest = &(*oldest)->next;
		old = take(refusals, oldest);
	}
	refusal->next = refusals->newest;
	refusals->newest = refusal;
	refusals->len++;
	pthread_mutex_unlock(&refusals->lock);
	refusal_free(old);
}

/* Whichever way the clock was set meanwhile. */
static bool is_fresh(const struct refusal *refusal, int64_t now_ms)
{
	return refusal->remembered && now_ms < refusal->time_ms + REFUSAL_MEMORY_MS &&
	       now_ms > refusal->time_ms - REFUSAL_MEMORY_MS;
}

bool refusals_find(struct refusals *refusals, const char *registry, const char *repository,
    int64_t now_ms, struct oci_error *ret)
{
	const struct refusal *refusal;
	bool found;

	pthread_mutex_lock(&refusals->lock);
	refusal = *find(refusals, registry, repository);
	found = refusal && is_fresh(refusal, now_ms);
	if (found)
		oci_error_set(ret, refusal->status, refusal->code, "%s", refusal->message);
	pthread_mutex_unlock(&refusals->lock);
	return found;
}

void refusals_forget(struct refusals *refusals)
{
	pthread_mutex_lock(&refusals->lock);
	for (struct refusal *refusal = refusals->newest; refusal; refusal = refusal->next)
		refusal->remembered = false;
	pthread_mutex_unlock(&refusals->lock);
}

static int write_member(const char *before, const char *value, struct str *ret)
{
	int r = str_append_text(ret, before);

	return r < 0 ? r : json_write_string_or_null(ret, value);
}

static int write_refusal(const struct refusal *refusal, struct str *ret)
{
	char time[TIME_ISO_SIZE];
	int r;

	time_format_iso(refusal->time_ms, time);
	r = write_member("{\"registry\":", refusal->registry, ret);
	if (r >= 0)
		r = write_member(",\"repository\":", refusal->repository, ret);
	if (r >= 0)
		r = write_member(",\"reason\":", refusal->message, ret);
	if (r >= 0)
		r = write_member(",\"rule\":", refusal->rule, ret);
	if (r >= 0)
		r = write_member(",\"time\":", time, ret);
	if (r >= 0)
		r = write_member(",\"remedy\":", refusal->remedy, ret);
	return r < 0 ? r : str_append_text(ret, "}");
}

int refusals_write(struct refusals *refusals, struct str *ret)
{
	_cleanup_str_ struct str array = {};
	int r = str_append_text(&array, "[");

	pthread_mutex_lock(&refusals->lock);
	for (struct refusal *at = refusals->newest; at && r >= 0; at = at->next) {
		if (at != refusals->newest)
			r = str_append_text(&array, ",");
		if (r >= 0)
			r = write_refusal(at, &array);
	}
	pthread_mutex_unlock(&refusals->lock);
	if (r >= 0)
		r = str_append_text(&array, "]");
	return r < 0 ? r : str_append(ret, array.data, array.len);
}

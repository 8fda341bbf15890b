#include "live.h"

#include <inttypes.h>

#include "json.h"

void live_init(struct live *live)
{
	pthread_mutex_init(&live->lock, NULL);
	live->first = NULL;
	live->begun = 0;
}

void live_finish(struct live *live)
{
	pthread_mutex_destroy(&live->lock);
}

void live_begin(struct live *live, struct live_transfer *transfer, const char *repository,
    const char *operation, int64_t total, int64_t now_ms)
{
	transfer->live = live;
	transfer->repository = repository;
	transfer->operation = operation;
	transfer->began_ms = now_ms;
	live_expect(transfer, total);
	pthread_mutex_lock(&live->lock);
	transfer->id = ++live->begun;
	transfer->next = live->first;
	transfer->link = &live->first;
	if (transfer->next)
		transfer->next->link = &transfer->next;
	live->first = transfer;
	pthread_mutex_unlock(&live->lock);
}

void live_expect(struct live_transfer *transfer, int64_t total)
{
	live_count(transfer, 0);
	atomic_store_explicit(&transfer->total, total, memory_order_relaxed);
}

void live_end(struct live_transfer *transfer)
{
	if (!transfer->live)
		return;
	pthread_mutex_lock(&transfer->live->lock);
	*transfer->link = transfer->next;
	if (transfer->next)
		transfer->next->link = transfer->link;
	pthread_mutex_unlock(&transfer->live->lock);
	transfer->live = NULL;
}

size_t live_len(struct live *live)
{
	size_t len = 0;

	pthread_mutex_lock(&live->lock);
	for (const struct live_transfer *t = live->first; t; t = t->next)
		len++;
	pthread_mutex_unlock(&live->lock);
	return len;
}

static int write_one(struct live_transfer *transfer, int64_t now_ms, struct str *out)
{
	/* It may have begun after the time was taken. */
	int64_t ms = now_ms > transfer->began_ms ? now_ms - transfer->began_ms : 0;
	int64_t total = atomic_load_explicit(&transfer->total, memory_order_relaxed);
	int r;

	r = str_append_text(out, "{\"repository\":");
	if (r == 0)
		r = json_write_string(out, transfer->repository);
	if (r == 0)
		r = str_appendf(out,
		    ",\"operation\":\"%s\",\"bytes\":%" PRId64 ",\"total\":", transfer->operation,
		    atomic_load_explicit(&transfer->bytes, memory_order_relaxed));
	if (r == 0 && total >= 0)
		r = str_appendf(out, "%" PRId64, total);
	else if (r == 0)
		r = str_append_text(out, "null");
	if (r == 0)
		r = str_appendf(out, ",\"seconds\":%" PRId64 ".%03" PRId64 ",\"id\":%" PRIu64 "}",
		    ms / 1000, ms % 1000, transfer->id);
	return r;
}

int live_write(struct live *live, int64_t now_ms, struct str *ret)
{
	int r;

	r = str_append_text(ret, "[");
	pthread_mutex_lock(&live->lock);
	for (struct live_transfer *t = live->first; t && r == 0; t = t->next) {
		if (t != live->first)
			r = str_append_text(ret, ",");
		if (r == 0)
			r = write_one(t, now_ms, ret);
	}
	pthread_mutex_unlock(&live->lock);
	return r < 0 ? r : str_append_text(ret, "]");
}

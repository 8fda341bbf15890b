/*
 * A line is one write(2) to a descriptor in append mode, which the kernel keeps whole among
 * threads; the lock is only about what is in memory.
 */
#include "created.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>

#include "created_lines.h"

struct created {
	struct state_dir *dir;
	int fd;
	_Atomic bool torn; /* the file may end within a line */
	pthread_mutex_t lock;
	int64_t
	    *times; /* of creations, in milliseconds; older than an hour when that was last asked */
	size_t times_len, times_cap;
	unsigned reserved;
	char *recent[CREATED_RECENT]; /* lines; the newest is before recent_next */
	size_t recent_next;
};

/* Wherever the clock was set meanwhile: what lies in the future for long counts no more either. */
static bool within_hour(int64_t time_ms, int64_t now_ms)
{
	return time_ms > now_ms - CREATED_HOUR_MS && time_ms < now_ms + CREATED_HOUR_MS;
}

/* Under the lock: counts, forgetting what is older. */
static unsigned count_hour(struct created *created, int64_t now_ms)
{
	size_t kept = 0;

	for (size_t i = 0; i < created->times_len; i++)
		if (within_hour(created->times[i], now_ms))
			created->times[kept++] = created->times[i];
	created->times_len = kept;
	return (unsigned)kept;
}

/* Under the lock. 0 or −ENOMEM. */
static int add_time(struct created *created, int64_t time_ms)
{
	if (created->times_len == created->times_cap) {
		size_t cap = created->times_cap * 2 + 64;
		int64_t *times = reallocarray(created->times, cap, sizeof(*times));

		if (!times)
			return -ENOMEM;
		created->times = times;
		created->times_cap = cap;
	}
	created->times[created->times_len++] = time_ms;
	return 0;
}

/* Under the lock. Without memory the status shows one less. */
static void add_recent(struct created *created, const char *line)
{
	char *copy = strdup(line);

	if (!copy)
		return;
	free(created->recent[created->recent_next]);
	created->recent[created->recent_next] = copy;
	created->recent_next = (created->recent_next + 1) % CREATED_RECENT;
}

struct reading {
	struct created *created;
	int64_t now_ms;
};

static int take_line(const struct creation_record *record, const char *line, void *userdata)
{
	struct reading *reading = userdata;

	add_recent(reading->created, line);
	if (!within_hour(record->time_ms, reading->now_ms))
		return 0;
	return add_time(reading->created, record->time_ms);
}

/* Opens it for appending, and reads what there is. */
static int load(struct created *created, int64_t now_ms)
{
	struct reading reading = {created, now_ms};
	bool torn = false;
	int r;

	created->fd = openat(state_dir_fd(created->dir), CREATED_FILE,
	    O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (created->fd < 0)
		return -errno;
	/* The file's name has to outlive a power failure too. */
	if (fsync(state_dir_fd(created->dir)) < 0)
		return -errno;
	r = created_lines_read(state_dir_path(created->dir), take_line, &reading, &torn);
	created->torn = torn;
	return r;
}

int created_open(struct state_dir *dir, int64_t now_ms, struct created **ret, struct err *e)
{
	struct created *created = calloc(1, sizeof(*created));
	int r;

	if (!created)
		return err_set(e, -ENOMEM, "out of memory");
	created->dir = dir;
	pthread_mutex_init(&created->lock, NULL);
	r = load(created, now_ms);
	if (r < 0) {
		created_free(created);
		return err_set(e, r, "%s/" CREATED_FILE " cannot be used: %s", state_dir_path(dir),
		    strerror(-r));
	}
	*ret = created;
	return 0;
}

void created_free(struct created *created)
{
	if (!created)
		return;
	for (size_t i = 0; i < CREATED_RECENT; i++)
		free(created->recent[i]);
	closep(&created->fd);
	pthread_mutex_destroy(&created->lock);
	free(created->times);
	free(created);
}

int created_reserve(struct created *created, unsigned max_per_hour, int64_t now_ms)
{
	int r = -EDQUOT;

	pthread_mutex_lock(&created->lock);
	if (count_hour(created, now_ms) + created->reserved < max_per_hour) {
		created->reserved++;
		r = 0;
	}
	pthread_mutex_unlock(&created->lock);
	return r;
}

void created_release(struct created *created)
{
	pthread_mutex_lock(&created->lock);
	created->reserved--;
	pthread_mutex_unlock(&created->lock);
}

int created_write(struct created *created, const struct creation_record *record)
{
	_cleanup_str_ struct str line = {};
	bool torn = created->torn;
	ssize_t n;
	int r = torn ? str_append_text(&line, "\n") : 0;

	if (r >= 0)
		r = creation_record_write(record, &line);
	if (r >= 0)
		r = str_append_text(&line, "\n");
	if (r < 0)
		return r;
	n = write(created->fd, line.data, line.len);
	if (n < 0)
		return -errno;
	if ((size_t)n < line.len) {
		created->torn = true;
		return -ENOSPC;
	}
	created->torn = false;
	if (fsync(created->fd) < 0)
		return -errno;
	line.data[line.len - 1] = '\0';
	pthread_mutex_lock(&created->lock);
	add_recent(created, line.data + torn);
	pthread_mutex_unlock(&created->lock);
	return 0;
}

int created_note(struct created *created, const struct creation_record *record)
{
	pthread_mutex_lock(&created->lock);
	created->reserved--;
	/* Without memory it counts for nothing: the budget is a brake, not a promise. */
	add_time(created, record->time_ms);
	pthread_mutex_unlock(&created->lock);
	return created_write(created, record);
}

static int is_same(const struct creation_record *record, const char *line, void *userdata)
{
	(void)record;
	return strcmp(line, userdata) == 0;
}

int created_has(const struct created *created, const struct creation_record *record)
{
	_cleanup_str_ struct str line = {};
	bool torn;
	int r;

	r = creation_record_write(record, &line);
	if (r < 0)
		return r;
	return created_lines_read(state_dir_path(created->dir), is_same, line.data, &torn);
}

unsigned created_last_hour(struct created *created, int64_t now_ms)
{
	unsigned n;

	pthread_mutex_lock(&created->lock);
	n = count_hour(created, now_ms);
	pthread_mutex_unlock(&created->lock);
	return n;
}

int created_write_recent(struct created *created, struct str *ret)
{
	_cleanup_str_ struct str array = {};
	int r = str_append_text(&array, "[");

	pthread_mutex_lock(&created->lock);
	for (size_t i = 1; i <= CREATED_RECENT && r >= 0; i++) {
		size_t at = (created->recent_next + CREATED_RECENT - i) % CREATED_RECENT;

		if (!created->recent[at])
			break;
		r = str_appendf(&array, "%s%s", i > 1 ? "," : "", created->recent[at]);
	}
	pthread_mutex_unlock(&created->lock);
	if (r >= 0)
		r = str_append_text(&array, "]");
	return r < 0 ? r : str_append(ret, array.data, array.len);
}

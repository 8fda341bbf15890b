#include "spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "log.h"

#define SPOOL_SUFFIX ".json"
#define NEW_SUFFIX   ".new"
#define BAD_SUFFIX   ".bad"

struct spool {
	char *path;
	int fd;
};

static bool has_suffix(const char *name, const char *suffix)
{
	size_t len = strlen(name), suffix_len = strlen(suffix);

	return len > suffix_len && strcmp(name + len - suffix_len, suffix) == 0;
}

static int is_file(const struct dirent *entry)
{
	return has_suffix(entry->d_name, SPOOL_SUFFIX);
}

static int is_unfinished(const struct dirent *entry)
{
	return has_suffix(entry->d_name, SPOOL_SUFFIX NEW_SUFFIX);
}

/* The folder's entries by name; free each and the list. Their number, or −errno. */
static int list(
    const struct spool *spool, int (*filter)(const struct dirent *), struct dirent ***ret)
{
	int n = scandir(spool->path, ret, filter, alphasort);

	return n < 0 ? -errno : n;
}

/* What it was for was never sent. */
static int remove_unfinished(const struct spool *spool)
{
	struct dirent **found;
	int n = list(spool, is_unfinished, &found);

	if (n < 0)
		return n;
	for (int i = 0; i < n; i++) {
		unlinkat(spool->fd, found[i]->d_name, 0);
		free(found[i]);
	}
	free(found);
	return 0;
}

static int open_folder(struct spool *spool, const struct state_dir *dir)
{
	if (mkdirat(state_dir_fd(dir), "pending", 0700) < 0 && errno != EEXIST)
		return -errno;
	spool->fd = openat(state_dir_fd(dir), "pending", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (spool->fd < 0)
		return -errno;
	if (fsync(state_dir_fd(dir)) < 0)
		return -errno;
	return remove_unfinished(spool);
}

int spool_open(const struct state_dir *dir, struct spool **ret, struct err *e)
{
	_cleanup_(spool_freep) struct spool *spool = calloc(1, sizeof(*spool));
	_cleanup_str_ struct str path = {};
	int r;

	if (!spool || str_appendf(&path, "%s/pending", state_dir_path(dir)) < 0)
		return err_set(e, -ENOMEM, "out of memory");
	spool->fd = -1;
	spool->path = str_copy(path.data, path.len);
	if (!spool->path)
		return err_set(e, -ENOMEM, "out of memory");
	r = open_folder(spool, dir);
	if (r < 0)
		return err_set(e, r, "%s cannot be used: %s", spool->path, strerror(-r));
	*ret = TAKE_PTR(spool);
	return 0;
}

void spool_free(struct spool *spool)
{
	if (!spool)
		return;
	closep(&spool->fd);
	free(spool->path);
	free(spool);
}

const char *spool_path(const struct spool *spool)
{
	return spool->path;
}

int spool_name(int64_t time_ms, char ret[static SPOOL_NAME_SIZE])
{
	unsigned random;

	if (getentropy(&random, sizeof(random)) < 0)
		return -errno;
	snprintf(ret, SPOOL_NAME_SIZE, "%013lld-%08x" SPOOL_SUFFIX, (long long)time_ms, random);
	return 0;
}

static int write_new(const struct spool *spool, const char *name, const struct str *text)
{
	int flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC;
	_cleanup_(closep) int fd = openat(spool->fd, name, flags, 0600);

	return fd < 0 ? -errno : file_write_all(fd, text->data, text->len);
}

int spool_write(const struct spool *spool, const char *name, const struct str *text)
{
	char new_name[SPOOL_NAME_SIZE + sizeof(NEW_SUFFIX)];
	int r;

	snprintf(new_name, sizeof(new_name), "%s" NEW_SUFFIX, name);
	r = write_new(spool, new_name, text);
	if (r == 0 && renameat(spool->fd, new_name, spool->fd, name) < 0)
		r = -errno;
	if (r < 0) {
		unlinkat(spool->fd, new_name, 0);
		return r;
	}
	return fsync(spool->fd) < 0 ? -errno : 0;
}

int spool_remove(const struct spool *spool, const char *name)
{
	return unlinkat(spool->fd, name, 0) < 0 ? -errno : 0;
}

static void set_aside(const struct spool *spool, const char *name, const char *why)
{
	char bad_name[NAME_MAX + sizeof(BAD_SUFFIX)];

	snprintf(bad_name, sizeof(bad_name), "%s" BAD_SUFFIX, name);
	if (renameat(spool->fd, name, spool->fd, bad_name) < 0)
		log_error("%s/%s: %s, and it cannot be set aside: %s", spool->path, name, why,
		    strerror(errno));
	else
		log_error("%s/%s: %s: set aside as %s", spool->path, name, why, bad_name);
}

static int take_file(
    const struct spool *spool, const char *name, spool_callback callback, void *userdata)
{
	_cleanup_str_ struct str path = {}, text = {};
	int r;

	r = str_appendf(&path, "%s/%s", spool->path, name);
	if (r < 0)
		return r;
	r = file_read(path.data, SPOOL_FILE_MAX, &text);
	if (r == -ENOMEM)
		return r;
	if (r < 0) {
		set_aside(spool, name, strerror(-r));
		return 0;
	}
	r = callback(name, &text, userdata);
	if (r != -EBADMSG)
		return r;
	set_aside(spool, name, "it is not what was written there");
	return 0;
}

int spool_each(const struct spool *spool, spool_callback callback, void *userdata)
{
	struct dirent **found;
	int n = list(spool, is_file, &found), r = n < 0 ? n : 0;

	for (int i = 0; i < n; i++) {
		if (r == 0)
			r = take_file(spool, found[i]->d_name, callback, userdata);
		free(found[i]);
	}
	if (n >= 0)
		free(found);
	return r;
}

#include "state_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "str.h"

enum { PID_TEXT_MAX = 16 };

struct state_dir {
	char *path;
	int fd;
	int lock_fd;
};

static bool is_set(const char *value)
{
	return value && *value;
}

int state_dir_default(const char *(*getenv)(const char *name), char **ret, struct err *e)
{
	const char *of_unit = getenv("STATE_DIRECTORY");
	const char *of_user = getenv("XDG_STATE_HOME");
	const char *home = getenv("HOME");
	_cleanup_str_ struct str path = {};
	int r;

	if (is_set(of_unit))
		r = str_append(&path, of_unit, strcspn(of_unit, ":"));
	else if (is_set(of_user) && *of_user == '/') /* a relative one is to be ignored (XDG) */
		r = str_appendf(&path, "%s/ecr-upsertd", of_user);
	else if (is_set(home))
		r = str_appendf(&path, "%s/.local/state/ecr-upsertd", home);
	else
		return err_set(e, -ENOENT,
		    "where to keep the state? give --state-dir, or set STATE_DIRECTORY or HOME");
	if (r < 0)
		return err_set(e, r, "out of memory");
	*ret = str_copy(path.data, path.len);
	return *ret ? 0 : err_set(e, -ENOMEM, "out of memory");
}

/* mkdir -p */
static int make_folders(const char *path)
{
	_cleanup_(freep) char *part = strdup(path);

	if (!part)
		return -ENOMEM;
	for (char *slash = strchr(part + strspn(part, "/"), '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(part, 0700) < 0 && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	return mkdir(part, 0700) < 0 && errno != EEXIST ? -errno : 0;
}

/* Who holds the lock wrote its process id into it. */
static int refuse_busy(const struct state_dir *dir, struct err *e)
{
	char pid[PID_TEXT_MAX + 1] = "";
	ssize_t n = pread(dir->lock_fd, pid, PID_TEXT_MAX, 0);

	pid[n > 0 ? n : 0] = '\0';
	pid[strspn(pid, "0123456789")] = '\0';
	return err_set(e, -EBUSY,
	    "the state directory %s is in use by another ecr-upsertd (process %s): stop that one, "
	    "or give this one a --state-dir of its own",
	    dir->path, *pid ? pid : "unknown");
}

static int take_lock(struct state_dir *dir, struct err *e)
{
	char pid[PID_TEXT_MAX];
	int len;

	dir->lock_fd = openat(dir->fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (dir->lock_fd < 0)
		return err_set(e, -errno, "%s/lock: %s", dir->path, strerror(errno));
	if (flock(dir->lock_fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK
			   ? refuse_busy(dir, e)
			   : err_set(e, -errno, "%s/lock: %s", dir->path, strerror(errno));
	/* Only for the message to whoever comes second: on a full disk it is left empty. */
	len = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());
	if (ftruncate(dir->lock_fd, 0) < 0 || pwrite(dir->lock_fd, pid, (size_t)len, 0) < 0)
		return 0;
	return 0;
}

static int open_dir(struct state_dir *dir, struct err *e)
{
	int r = make_folders(dir->path);

	if (r == 0) {
		dir->fd = open(dir->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		r = dir->fd < 0 ? -errno : 0;
	}
	if (r < 0)
		return err_set(e, r,
		    "the state directory %s cannot be used: %s; give --state-dir a folder that "
		    "this user can write",
		    dir->path, strerror(-r));
	return take_lock(dir, e);
}

int state_dir_open(const char *path, struct state_dir **ret, struct err *e)
{
	_cleanup_(state_dir_freep) struct state_dir *dir = calloc(1, sizeof(*dir));
	int r;

	if (!dir)
		return err_set(e, -ENOMEM, "out of memory");
	dir->fd = dir->lock_fd = -1;
	dir->path = strdup(path);
	if (!dir->path)
		return err_set(e, -ENOMEM, "out of memory");
	r = open_dir(dir, e);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(dir);
	return 0;
}

void state_dir_free(struct state_dir *dir)
{
	if (!dir)
		return;
	closep(&dir->lock_fd);
	closep(&dir->fd);
	free(dir->path);
	free(dir);
}

int state_dir_fd(const struct state_dir *dir)
{
	return dir->fd;
}

const char *state_dir_path(const struct state_dir *dir)
{
	return dir->path;
}

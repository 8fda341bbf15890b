#include "write_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "file.h"
#include "str.h"

static int cannot(struct err *e, int code, const char *path)
{
	return err_set(e, code, "%s cannot be written: %s", path, strerror(-code));
}

/* The folders of the path, outermost first. */
static int make_folders(const char *path, struct err *e)
{
	_cleanup_(freep) char *folder = strdup(path);

	if (!folder)
		return cannot(e, -ENOMEM, path);
	for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(folder, 0755) < 0 && errno != EEXIST)
			return cannot(e, -errno, folder);
		*slash = '/';
	}
	return 0;
}

/* Mode and owner of the file that is replaced; giving a file away may be refused, and need not be.
 */
static int take_after(int fd, const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return 0;
	if (fchown(fd, st.st_uid, st.st_gid) < 0 && errno != EPERM)
		return -errno;
	return fchmod(fd, st.st_mode & 0777) < 0 ? -errno : 0;
}

/* Nobody may read it meanwhile who could not read what it replaces. */
static mode_t mode_like(const char *path)
{
	struct stat st;

	return stat(path, &st) < 0 ? 0644 : st.st_mode & 0777;
}

static int write_new(const char *name, const char *path, const char *bytes, size_t len)
{
	_cleanup_(closep) int fd = -1;
	int r;

	fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode_like(path));
	if (fd < 0)
		return -errno;
	r = take_after(fd, path);
	if (r == 0)
		r = file_write_all(fd, bytes, len);
	if (r == 0 && rename(name, path) < 0)
		r = -errno;
	if (r < 0)
		unlink(name);
	return r;
}

int write_file(const char *path, const char *bytes, size_t len, struct err *e)
{
	_cleanup_str_ struct str name = {};
	int r;

	r = make_folders(path, e);
	if (r < 0)
		return r;
	/* Ours alone by the process's number; what a killed one left is another name's. */
	r = str_appendf(&name, "%s.%ld.part", path, (long)getpid());
	if (r == 0)
		r = write_new(str_text(&name), path, bytes, len);
	return r < 0 ? cannot(e, r, path) : 0;
}

int write_file_keep(const char *path, char **ret_copy, struct err *e)
{
	static const char *const endings[] = {".bak", ".ecr-upsertd.bak"};

	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
		_cleanup_str_ struct str copy = {};

		if (str_appendf(&copy, "%s%s", path, endings[i]) < 0)
			return cannot(e, -ENOMEM, path);
		/* A link cannot overwrite anything, and keeps mode, owner and times. */
		if (link(path, str_text(&copy)) == 0) {
			*ret_copy = TAKE_PTR(copy.data);
			return 0;
		}
		if (errno != EEXIST)
			return err_set(
			    e, -errno, "%s: no copy of it can be kept: %s", path, strerror(errno));
	}
	return err_set(e, -EEXIST,
	    "%s: both %s.bak and %s.ecr-upsertd.bak are there; move one of them away", path, path,
	    path);
}

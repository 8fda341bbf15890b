#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"

static int read_all(int fd, size_t max, struct str *ret)
{
	char block[4096];
	ssize_t n;
	int r = 0;

	while ((n = read(fd, block, sizeof(block))) > 0) {
		/* The size was asked before; a file may grow while it is read. */
		r = ret->len + (size_t)n > max ? -EMSGSIZE : str_append(ret, block, (size_t)n);
		if (r < 0)
			break;
	}
	if (n < 0)
		r = -errno;
	explicit_bzero(block, sizeof(block));
	return r;
}

int file_read(const char *path, size_t max, struct str *ret)
{
	_cleanup_(closep) int fd = -1;
	_cleanup_str_ struct str bytes = {};
	struct stat st;
	int r;

	/* Not blocking: a FIFO must not hang us before it is found to be none of ours. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) ? -EISDIR : -ENODEV;
	r = read_all(fd, max, &bytes);
	return r < 0 ? r : str_append(ret, bytes.data, bytes.len);
}

int file_write_all(int fd, const void *bytes, size_t len)
{
	const char *at = bytes;

	while (len) {
		ssize_t n = write(fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		at += n;
		len -= (size_t)n;
	}
	return fsync(fd) < 0 ? -errno : 0;
}

int file_replace(const char *path, const void *bytes, size_t len)
{
	_cleanup_(freep) char *temporary = NULL;
	_cleanup_(closep) int fd = -1;
	int r;

	if (asprintf(&temporary, "%s.XXXXXX", path) < 0)
		return -ENOMEM;
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = file_write_all(fd, bytes, len);
	if (r >= 0 && rename(temporary, path) < 0)
		r = -errno;
	if (r < 0)
		unlink(temporary);
	return r;
}

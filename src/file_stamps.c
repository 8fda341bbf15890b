#include "file_stamps.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Zeroed but for the path: there is none, or it cannot be asked. */
struct file_stamp {
	char *path;
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec written;
	struct timespec changed; /* what a tool that sets the former back cannot set */
};

/* Follows links: a secret's volume is replaced by turning one round. */
static void look(struct file_stamp *stamp)
{
	struct stat st;

	if (stat(stamp->path, &st) < 0)
		return;
	stamp->device = st.st_dev;
	stamp->inode = st.st_ino;
	stamp->size = st.st_size;
	stamp->written = st.st_mtim;
	stamp->changed = st.st_ctim;
}

static bool same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

int file_stamps_add(struct file_stamps *stamps, const char *path)
{
	struct file_stamp stamp = {}, *items;

	for (size_t i = 0; i < stamps->len; i++)
		if (!strcmp(stamps->items[i].path, path))
			return 0;
	items = reallocarray(stamps->items, stamps->len + 1, sizeof(*items));
	if (!items)
		return -ENOMEM;
	stamps->items = items;
	stamp.path = strdup(path);
	if (!stamp.path)
		return -ENOMEM;
	look(&stamp);
	items[stamps->len++] = stamp;
	return 0;
}

bool file_stamps_changed(const struct file_stamps *stamps)
{
	for (size_t i = 0; i < stamps->len; i++) {
		const struct file_stamp *then = &stamps->items[i];
		struct file_stamp now = {.path = then->path};

		look(&now);
		if (now.device != then->device || now.inode != then->inode ||
		    now.size != then->size || !same_time(now.written, then->written) ||
		    !same_time(now.changed, then->changed))
			return true;
	}
	return false;
}

void file_stamps_finish(struct file_stamps *stamps)
{
	for (size_t i = 0; i < stamps->len; i++)
		free(stamps->items[i].path);
	free(stamps->items);
	*stamps = (struct file_stamps){};
}

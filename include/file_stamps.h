#pragma once
/* Files that were read, and what each was then: is one of them another by now? */
#include <stdbool.h>
#include <stddef.h>

struct file_stamps {
	struct file_stamp *items;
	size_t len;
};

/* To be called before the file is read; it need not exist. 0 or −ENOMEM. */
int file_stamps_add(struct file_stamps *stamps, const char *path);
/* Written, replaced, made or removed since? Asks the file system. */
bool file_stamps_changed(const struct file_stamps *stamps);
void file_stamps_finish(struct file_stamps *stamps);

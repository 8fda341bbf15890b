#pragma once
/*
 * The folder STATE/pending: files that are there whole or not at all, even after a power failure.
 * Thread-safe as long as each file has one owner.
 */
#include <stdint.h>

#include "err.h"
#include "state_dir.h"
#include "str.h"

enum {
	SPOOL_NAME_SIZE = 40,
	/* Two policies of 30,720 and 10,240 characters, each octet escaped. */
	SPOOL_FILE_MAX = 512 * 1024,
};

struct spool;

/* Makes the folder, and removes what was never finished. −errno with a text. */
int spool_open(const struct state_dir *dir, struct spool **ret, struct err *e);
/* NULL is allowed. */
void spool_free(struct spool *spool);
DEFINE_CLEANUP(struct spool *, spool_free);

const char *spool_path(const struct spool *spool);

/* A name that no other file has; they sort by time. 0 or −errno. */
int spool_name(int64_t time_ms, char ret[static SPOOL_NAME_SIZE]);
/* Puts the text into the file, in place of what it was. On disk when it returns. 0 or −errno. */
int spool_write(const struct spool *spool, const char *name, const struct str *text);
/* 0 or −errno. */
int spool_remove(const struct spool *spool, const char *name);

/*
 * Every file, by name. What the callback answers −EBADMSG to, and what cannot be read whole, is set
 * aside as NAME.bad and logged; anything else but 0 ends the reading and is returned. 0 or −errno.
 */
typedef int (*spool_callback)(const char *name, const struct str *text, void *userdata);
int spool_each(const struct spool *spool, spool_callback callback, void *userdata);

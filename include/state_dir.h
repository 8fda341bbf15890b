#pragma once
/*
 * The folder of what the daemon keeps over a restart. One daemon at a time works in it, held by a
 * lock on the file `lock`; whoever only reads needs none.
 */
#include "cleanup.h"
#include "err.h"

struct state_dir;

/*
 * $STATE_DIRECTORY (systemd.exec(5); the first of several), else $XDG_STATE_HOME/ecr-upsertd, else
 * $HOME/.local/state/ecr-upsertd. −ENOENT with a text when none of them is set, −ENOMEM. Pure.
 */
int state_dir_default(const char *(*getenv)(const char *name), char **ret, struct err *e);

/*
 * Makes what is missing of the path (0700) and takes the lock. −EBUSY when another daemon has it
 * (the text names its process id), else −errno with a text.
 */
int state_dir_open(const char *path, struct state_dir **ret, struct err *e);
/* Lets go of the lock. NULL is allowed. */
void state_dir_free(struct state_dir *dir);
DEFINE_CLEANUP(struct state_dir *, state_dir_free);

/* Of the folder, for openat(); as long as it is open. */
int state_dir_fd(const struct state_dir *dir);
const char *state_dir_path(const struct state_dir *dir);

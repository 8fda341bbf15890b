#pragma once
/*
 * What a client has to be told so that it pushes through the daemon: files, and the commands that
 * push then. Pure.
 */
#include <stdbool.h>
#include <stddef.h>

#include "client_table.h"
#include "err.h"
#include "str.h"

/* About the daemon, and about the machine and the person that the client runs for. */
struct client_question {
	const char *listen;            /* ADDR:PORT of the daemon */
	const char *const *registries; /* NULL-terminated: hosts of the closed list; may be empty */
	bool root;
	const char *home;        /* $HOME */
	const char *config_home; /* $XDG_CONFIG_HOME, or NULL */
};

struct client_file {
	struct str path;
	struct str text; /* a block (text_block.h) */
	/* It is a place for others' settings too, which stay; else it is ours as a whole. */
	bool shared;
	struct str table; /* of a shared one: the TOML table that may not be there twice */
};

struct client_config {
	struct str about; /* lines that say what goes and what does not */
	struct client_file *files;
	size_t files_len;
	struct str push; /* command lines */
};

/*
 * 0 (finish *ret), −EINVAL for an address that no client could use or a registry that is no ECR
 * host, −ENOMEM, with the reason.
 */
int client_config_make(const struct client *client, const struct client_question *question,
    struct client_config *ret, struct err *e);
void client_config_finish(struct client_config *config);

/* Appends it as text that a person can paste from, with or without the files. 0 or −ENOMEM. */
int client_config_write(const struct client_config *config, bool files, struct str *ret);

/*
 * Appends what the file is to hold where `existing` stands now: the block alone, or in a shared one
 * the block among the lines of others. 0, −EEXIST when those have the table already, −EBADMSG for
 * half a block, −ENOMEM; with the reason, which names the path.
 */
int client_file_merge(
    const struct client_file *file, const char *existing, struct str *ret, struct err *e);

/*
 * Does `existing` hold what others wrote and the merge would take away, or touch for the first
 * time? Then a copy of it is to be kept.
 */
bool client_file_has_others(const struct client_file *file, const char *existing);

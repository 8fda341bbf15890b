#pragma once
/* The configuration file, read and checked. */
#include "log.h"
#include "rules.h"

/* NULL: not given, which the host always is. */
struct config_registry {
	char *host, *profile, *role_arn, *external_id, *endpoint;
};

/* A file that a person writes; far beyond any list of rules. */
enum { CONFIG_FILE_MAX = 1024 * 1024 };
enum { CONFIG_LISTEN_MAX = 32 }; /* as many as --listen may be given */
/* max_per_hour: what a team makes on a busy day, well below a loop that runs wild. */
enum { CREATE_PER_HOUR = 100 };
/* containerd ≥ 2.3 gives up after 30 s of silence. */
enum { CREATE_TIMEOUT_S = 25 };

/* What is not given has its default; lists are NULL-terminated, NULL: not given. All is owned. */
struct config {
	char **listen;
	char *admin; /* NULL: not given; or "off" */
	struct config_registry *registries;
	size_t registries_len;
	bool allow_any_registry;
	char **allow_users; /* names, or numbers as decimal text */
	char **hosts;
	unsigned max_per_hour;
	unsigned timeout_s;
	bool wait_when_denied; /* on_access_denied: wait */
	struct rules rules;
	enum log_level log_level;
	enum log_format log_format;
	char *state_dir;
	bool unsafe_listen;
};

/* An empty one with every default: what counts without a file. 0 or −ENOMEM. */
int config_default(struct config **ret);

/*
 * problems: a line "file:line:column: reason\n" for each independent error, appended. name: how
 * they call the file. folder: from where policy files are named. 0, −EINVAL with problems, −ENOMEM.
 */
int config_parse(const char *name, const char *folder, const char *text, size_t len,
    struct config **ret, struct str *problems);

/*
 * The same from a file; −ENOENT, −EISDIR, −EACCES or the like with a line when it is unreadable.
 * unsafe_listen: addresses beyond loopback are no error, whatever the file says of them.
 */
int config_load(const char *path, bool unsafe_listen, struct config **ret, struct str *problems);

/* For who puts others in their place. NULL is allowed. */
void config_registries_free(struct config_registry *registries, size_t len);

/* NULL is allowed. */
void config_free(struct config *config);
DEFINE_CLEANUP(struct config *, config_free);

#pragma once
/* What dockerd tells of itself (Docker Engine API, GET /info), as far as it decides on a push.
 * Pure. */
#include <stdbool.h>
#include <stddef.h>

#include "err.h"

struct docker_info {
	char *version; /* "28.5.2"; each of the texts is "" when it is not told */
	char *system;  /* OperatingSystem: "Docker Desktop", "Debian GNU/Linux 12 (bookworm)" */
	char *kernel;
	char *http_proxy; /* with the password in it that docker masks itself */
	char *https_proxy;
	char *no_proxy;
	bool containerd_store; /* else the classic one */
	bool rootless;
};

/* The JSON of /info. 0 (finish *ret), −EBADMSG when it is none, −ENOMEM. */
int docker_info_read(const char *text, size_t len, struct docker_info *ret);
void docker_info_finish(struct docker_info *info);

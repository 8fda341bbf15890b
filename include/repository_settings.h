#pragma once
/* What a new repository is to be, and the CreateRepository request that says so. Pure. */
#include <stdbool.h>

#include "str.h"

struct repository_settings {
	const char *image_tag_mutability; /* "IMMUTABLE", … */
	bool scan_on_push;
};

/* IMMUTABLE, scan on push: what a repository gets that no rule says otherwise about. */
extern const struct repository_settings repository_settings_default;

/* CreateRepository's JSON body (API reference, CreateRepository), appended. 0 or −ENOMEM. */
int repository_settings_write_request(const struct repository_settings *settings,
    const char *account, const char *repository, struct str *ret);

#pragma once
/*
 * The shared files of every AWS tool, each parsed once: the configuration file (AWS_CONFIG_FILE or
 * ~/.aws/config) and the credentials file (AWS_SHARED_CREDENTIALS_FILE or ~/.aws/credentials).
 * Immutable.
 */
#include <stdbool.h>

#include "credentials.h"

enum profile_file { PROFILE_CONFIG_FILE, PROFILE_CREDENTIALS_FILE, PROFILE_FILES };

struct profile_files;

/* A missing file is an empty one. As ini_parse() and file_read() else, with a text. */
int profile_files_read(
    const struct credential_sources *sources, struct profile_files **ret, struct err *e);
/* Wipes. NULL is allowed. */
void profile_files_free(struct profile_files *files);
DEFINE_CLEANUP(struct profile_files *, profile_files_free);

/* For a person: "~/.aws/config" without a home directory. Borrowed. */
const char *profile_files_path(const struct profile_files *files, enum profile_file file);

/* Is there a section of that kind ("profile", "sso-session", "services") and name? */
bool profile_files_has(
    const struct profile_files *files, enum profile_file file, const char *kind, const char *name);
/* A key of it, NULL when there is none or it has no value; borrowed. */
const char *profile_files_get(const struct profile_files *files, enum profile_file file,
    const char *kind, const char *name, const char *key);

#pragma once
/* The configuration that counts: the file's, with the options over it. */
#include "config.h"
#include "exit_codes.h"
#include "options.h"

#define DEFAULT_LISTEN_IPV4 "127.0.0.1:5100"
#define DEFAULT_LISTEN_IPV6 "[::1]:5100"
#define DEFAULT_ADMIN       "127.0.0.1:5101"

/*
 * *ret_path (free it) is the file's, NULL when there is none. Else EXIT_CODE_CONFIG or
 * EXIT_CODE_FAILED, with one line for each problem ("file:line:column: reason\n").
 */
enum exit_code configuration_load(
    const struct options *options, struct config **ret, char **ret_path, struct str *problems);

/* Where the admin listener is: NULL when it is off. */
const char *configuration_admin(const struct config *config);

/* For commands that ask the running daemon: *ret is free()d; else a line on stderr. */
enum exit_code configuration_find_admin(const struct options *options, char **ret);

#pragma once
/*
 * The words of a command line as Python's shlex.split() finds them, which is how AWS tools read
 * credential_process: quotes and backslashes as in a shell, but no shell. Pure.
 */
#include "cleanup.h"
#include "err.h"

/* NULL-terminated; free with shell_words_free(). 0, −EINVAL with the reason, −ENOMEM. */
int shell_words_split(const char *text, char ***ret, struct err *e);
/* Wipes: a word may be a secret. NULL is allowed. */
void shell_words_free(char **words);
DEFINE_CLEANUP(char **, shell_words_free);

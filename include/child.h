#pragma once
/*
 * Another program, run to its end with bounds on all that it may take: time, output, what it
 * inherits. Safe in a process with threads.
 */
#include <stdint.h>

#include "stop.h"
#include "str.h"

struct child_command {
	char *const *words;  /* NULL-terminated; the first one is looked for in PATH */
	int64_t deadline_ms; /* monotonic */
	const struct stop *stop;
	size_t max_out; /* octets of standard output */
	size_t max_err; /* of standard error; what is more is dropped */
};

struct child_result {
	int exit_code; /* −1 when a signal ended it */
	int signal;    /* 0 when it ended by itself */
	struct str out, err;
};

/*
 * 0 once it has ended, in whatever way; −errno of starting it (−ENOENT no such program, −EACCES,
 * …), or, after it and what it started were killed, −ETIMEDOUT, −EMSGSIZE (more output), −ECANCELED
 * (stop). It has no input, this process's environment, and a process group of its own; what it
 * leaves in the background is not waited for.
 */
int child_run(const struct child_command *command, struct child_result *ret);
/* Wipes. */
void child_result_finish(struct child_result *result);

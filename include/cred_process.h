#pragma once
/*
 * What a program prints, of the profile's credential_process; source "custom-process". Form:
 * "Sourcing credentials with an external process", AWS SDKs and Tools reference guide.
 */
#include "credentials.h"
#include "stop.h"

/* A provider. The program has a minute. */
int cred_process(const struct credential_sources *sources, struct credentials **ret, struct err *e);

/*
 * Runs the command line (without a shell) until the monotonic deadline. account: whose they are
 * where it does not tell; or NULL. −EINVAL, −EIO, −ETIMEDOUT, −ECANCELED (stop) with a text that
 * says what it did, −ENOMEM.
 */
struct cred_process_call {
	const char *command_line;
	const char *account;
	int64_t deadline_ms;
	const struct stop *stop;
};
int cred_process_run(const struct cred_process_call *call, struct credentials **ret, struct err *e);

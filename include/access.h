#pragma once
/* The access line: one for each exchange, with the reason it ended. Pure writer. */
#include <stdint.h>

#include "log.h"
#include "str.h"

/* Texts may be NULL: nothing to say. None may hold a query or a credential. */
struct access {
	int64_t time_ms; /* since the epoch, when it began */
	const char *client;
	const char *user;
	const char *method;
	const char *operation;
	const char *registry;
	const char *repository;
	unsigned status;          /* to the client; 0 none */
	unsigned upstream_status; /* the last one; 0 none */
	uint64_t bytes_in;        /* of body, from the client */
	uint64_t bytes_out;       /* of body, to the client */
	int64_t ms;
	bool created;
	unsigned retries;
	const char *reason; /* "ok", "client-left", … */
	const char *detail; /* what went wrong, for a person */
};

/* Appends the line without its newline. 0 or −ENOMEM. */
int access_write(const struct access *access, enum log_format format, struct str *ret);

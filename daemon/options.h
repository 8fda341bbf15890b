#pragma once
/* The command line, read by getopt_long into one struct. Texts are borrowed from argv. */
#include <stdbool.h>

#include "err.h"
#include "log.h"

enum { OPTION_LIST_MAX = 32 };

enum command { COMMAND_SERVE, COMMAND_WAIT, COMMAND_HELP, COMMAND_VERSION };

struct options {
	enum command command;
	const char *listen[OPTION_LIST_MAX + 1]; /* NULL-terminated; empty: the defaults */
	const char *registries[OPTION_LIST_MAX + 1];
	const char *registry_endpoint;
	const char *admin; /* NULL: off */
	bool unsafe_listen;
	enum log_level log_level;
	enum log_format log_format;
	unsigned wait_timeout_s;
};

#define OPTION_LISTEN_IPV4 "127.0.0.1:5100"
#define OPTION_LISTEN_IPV6 "[::1]:5100"

/* 0, or −EINVAL with one line. */
int options_parse(int argc, char **argv, struct options *ret, struct err *e);

/* The text of --help. */
extern const char options_help[];

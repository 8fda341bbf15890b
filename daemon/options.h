#pragma once
/* The command line, read by getopt_long into one struct. Texts are borrowed from argv. */
#include <stdbool.h>

#include "err.h"

enum { OPTION_LIST_MAX = 32 };

enum command {
	COMMAND_SERVE,
	COMMAND_WAIT,
	COMMAND_CHECK_CONFIG,
	COMMAND_PLAN,
	COMMAND_DOCTOR,
	COMMAND_CLIENT_CONFIG,
	COMMAND_STATUS,
	COMMAND_REPOS,
	COMMAND_LAMBDA,
	COMMAND_HELP,
	COMMAND_VERSION,
	COMMANDS,
};

/* What was given; NULL, empty or false: nothing was. What counts then is in configuration.h. */
struct options {
	enum command command;
	const char *config;
	const char *listen[OPTION_LIST_MAX + 1]; /* NULL-terminated */
	const char *registries[OPTION_LIST_MAX + 1];
	const char *registry_endpoint;
	const char *admin; /* or "off" */
	const char *state_dir;
	bool unsafe_listen;
	const char *log_level;
	const char *log_format;
	unsigned timeout_s; /* 0: not given */
	bool json;
	bool offline;
	bool write;
	const char *argument; /* of plan, client-config */
};

/* 0, or −EINVAL with one line. */
int options_parse(int argc, char **argv, struct options *ret, struct err *e);

/* The text of --help. */
extern const char options_help[];

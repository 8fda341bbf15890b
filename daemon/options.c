#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

enum { TIMEOUT_MAX_S = 86400 };

enum option_id {
	OPTION_CONFIG,
	OPTION_LISTEN,
	OPTION_ADMIN,
	OPTION_REGISTRY,
	OPTION_REGISTRY_ENDPOINT,
	OPTION_STATE_DIR,
	OPTION_UNSAFE_LISTEN,
	OPTION_LOG_LEVEL,
	OPTION_LOG_FORMAT,
	OPTION_TIMEOUT,
	OPTION_JSON,
	OPTION_OFFLINE,
	OPTION_WRITE,
	OPTION_HELP,
	OPTION_VERSION,
};

static const struct option known[] = {
    {"config", required_argument, NULL, OPTION_CONFIG},
    {"listen", required_argument, NULL, OPTION_LISTEN},
    {"admin", required_argument, NULL, OPTION_ADMIN},
    {"registry", required_argument, NULL, OPTION_REGISTRY},
    {"registry-endpoint", required_argument, NULL, OPTION_REGISTRY_ENDPOINT},
    {"state-dir", required_argument, NULL, OPTION_STATE_DIR},
    {"unsafe-listen", no_argument, NULL, OPTION_UNSAFE_LISTEN},
    {"log-level", required_argument, NULL, OPTION_LOG_LEVEL},
    {"log-format", required_argument, NULL, OPTION_LOG_FORMAT},
    {"timeout", required_argument, NULL, OPTION_TIMEOUT},
    {"json", no_argument, NULL, OPTION_JSON},
    {"offline", no_argument, NULL, OPTION_OFFLINE},
    {"write", no_argument, NULL, OPTION_WRITE},
    {"help", no_argument, NULL, OPTION_HELP},
    {"version", no_argument, NULL, OPTION_VERSION},
    {},
};

#define TAKES(id) (1u << (id))
enum {
	TAKES_DAEMON = TAKES(OPTION_LISTEN) | TAKES(OPTION_ADMIN) | TAKES(OPTION_REGISTRY) |
		       TAKES(OPTION_REGISTRY_ENDPOINT) | TAKES(OPTION_STATE_DIR) |
		       TAKES(OPTION_UNSAFE_LISTEN) | TAKES(OPTION_LOG_LEVEL) |
		       TAKES(OPTION_LOG_FORMAT),
	/* --config is every command's: scripts give one set of options to all of them. */
	TAKES_ALWAYS = TAKES(OPTION_CONFIG) | TAKES(OPTION_HELP) | TAKES(OPTION_VERSION),
};

static const struct form {
	const char *name;
	enum command command;
	unsigned takes;
	const char *argument; /* what it is, NULL: none */
} forms[] = {
    {"serve", COMMAND_SERVE, TAKES_DAEMON, NULL},
    {"wait", COMMAND_WAIT, TAKES(OPTION_ADMIN) | TAKES(OPTION_TIMEOUT), NULL},
    {"check-config", COMMAND_CHECK_CONFIG, 0, NULL},
    {"plan", COMMAND_PLAN, TAKES(OPTION_JSON) | TAKES(OPTION_REGISTRY), "[REGISTRY/]NAME"},
    {"doctor", COMMAND_DOCTOR, TAKES(OPTION_JSON) | TAKES(OPTION_OFFLINE) | TAKES(OPTION_REGISTRY),
	NULL},
    {"client-config", COMMAND_CLIENT_CONFIG,
	TAKES(OPTION_WRITE) | TAKES(OPTION_LISTEN) | TAKES(OPTION_REGISTRY), "a client"},
    {"status", COMMAND_STATUS, TAKES(OPTION_JSON) | TAKES(OPTION_ADMIN), NULL},
    {"repos", COMMAND_REPOS, TAKES(OPTION_JSON) | TAKES(OPTION_STATE_DIR), NULL},
    {"lambda", COMMAND_LAMBDA, 0, NULL},
};

static int add(const char **list, const char *name, const char *value, struct err *e)
{
	size_t n = 0;

	while (list[n])
		n++;
	if (n == OPTION_LIST_MAX)
		return err_set(e, -EINVAL, "--%s: more than %d of them", name, OPTION_LIST_MAX);
	list[n] = value;
	return 0;
}

static int take_timeout(struct options *options, const char *text, struct err *e)
{
	char *end;
	long seconds = strtol(text, &end, 10);

	if (end == text || *end != '\0' || seconds < 1 || seconds > TIMEOUT_MAX_S)
		return err_set(e, -EINVAL, "--timeout: %s is not a number of seconds from 1 to %d",
		    text, TIMEOUT_MAX_S);
	options->timeout_s = (unsigned)seconds;
	return 0;
}

static int take_log(
    struct options *options, enum option_id option, const char *value, struct err *e)
{
	enum log_level level;
	enum log_format format;

	if (option == OPTION_LOG_LEVEL) {
		if (log_level_parse(value, &level) < 0)
			return err_set(e, -EINVAL,
			    "--log-level: %s is none of debug, info, warn, error", value);
		options->log_level = value;
		return 0;
	}
	if (log_format_parse(value, &format) < 0)
		return err_set(e, -EINVAL, "--log-format: %s is neither text nor json", value);
	options->log_format = value;
	return 0;
}

/* Those that stand for themselves. */
static void take_flag(struct options *options, enum option_id option)
{
	if (option == OPTION_UNSAFE_LISTEN)
		options->unsafe_listen = true;
	else if (option == OPTION_JSON)
		options->json = true;
	else if (option == OPTION_OFFLINE)
		options->offline = true;
	else if (option == OPTION_WRITE)
		options->write = true;
	else
		options->command = option == OPTION_HELP ? COMMAND_HELP : COMMAND_VERSION;
}

static int take(struct options *options, enum option_id option, const char *value, struct err *e)
{
	switch (option) {
	case OPTION_CONFIG:
		options->config = value;
		return 0;
	case OPTION_LISTEN:
		return add(options->listen, "listen", value, e);
	case OPTION_REGISTRY:
		return add(options->registries, "registry", value, e);
	case OPTION_ADMIN:
		options->admin = value;
		return 0;
	case OPTION_REGISTRY_ENDPOINT:
		options->registry_endpoint = value;
		return 0;
	case OPTION_STATE_DIR:
		options->state_dir = value;
		return 0;
	case OPTION_LOG_LEVEL:
	case OPTION_LOG_FORMAT:
		return take_log(options, option, value, e);
	case OPTION_TIMEOUT:
		return take_timeout(options, value, e);
	default:
		take_flag(options, option);
		return 0;
	}
}

/* getopt's own messages come as several lines without a remedy: opterr is off. */
static int parse_options(
    int argc, char **argv, const struct form *form, struct options *options, struct err *e)
{
	opterr = 0;
	optind = 1;
	for (;;) {
		int at = optind;
		int option = getopt_long(argc, argv, ":", known, NULL);
		int r;

		if (option == -1)
			return 0;
		if (option == ':')
			return err_set(e, -EINVAL, "%s wants a value (see --help)", argv[at]);
		if (option == '?')
			return err_set(e, -EINVAL,
			    "%s is unknown, ambiguous or takes no value (see --help)", argv[at]);
		if (!(TAKES(option) & (form->takes | TAKES_ALWAYS)))
			return err_set(e, -EINVAL, "%s takes no --%s (see --help)", form->name,
			    known[option].name);
		r = take(options, (enum option_id)option, optarg, e);
		if (r < 0)
			return r;
	}
}

static int take_argument(
    int argc, char **argv, const struct form *form, struct options *options, struct err *e)
{
	if (form->argument && optind == argc && options->command == form->command)
		return err_set(e, -EINVAL, "%s wants %s (see --help)", form->name, form->argument);
	if (form->argument && optind < argc)
		options->argument = argv[optind++];
	if (optind < argc)
		return err_set(e, -EINVAL, "%s is not expected here (see --help)", argv[optind]);
	return 0;
}

static const struct form *find_form(const char *name)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
		if (strcmp(forms[i].name, name) == 0)
			return &forms[i];
	return NULL;
}

/* What AWS Lambda calls a custom runtime, and without any argument. */
static bool is_bootstrap(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return path && strcmp(slash ? slash + 1 : path, "bootstrap") == 0;
}

int options_parse(int argc, char **argv, struct options *ret, struct err *e)
{
	const struct form *form = &forms[0];
	struct options options = {};
	int r;

	if (argc == 1 && is_bootstrap(argv[0]))
		form = find_form("lambda");
	if (argc > 1 && argv[1][0] != '-') {
		form = find_form(argv[1]);
		if (!form)
			return err_set(e, -EINVAL, "%s is no command (see --help)", argv[1]);
		argc--;
		argv++;
	}
	options.command = form->command;
	r = parse_options(argc, argv, form, &options, e);
	if (r == 0)
		r = take_argument(argc, argv, form, &options, e);
	if (r < 0)
		return r;
	for (size_t i = 0; options.registries[i]; i++)
		for (size_t k = 0; k < i; k++)
			if (strcmp(options.registries[i], options.registries[k]) == 0)
				return err_set(e, -EINVAL, "--registry: %s is given twice",
				    options.registries[i]);
	if (options.registry_endpoint && (!options.registries[0] || options.registries[1]))
		return err_set(e, -EINVAL, "--registry-endpoint goes with exactly one --registry");
	*ret = options;
	return 0;
}

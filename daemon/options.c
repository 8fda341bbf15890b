#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum { WAIT_DEFAULT_S = 60, WAIT_MAX_S = 86400 };

const char options_help[] =
    "usage: ecr-upsertd [serve] [OPTION]...\n"
    "       ecr-upsertd wait [--admin ADDR:PORT] [--timeout SECONDS]\n"
    "\n"
    "Stands in front of Amazon ECR and creates a repository when the first push to\n"
    "it comes. Point docker, podman, skopeo, nerdctl or helm at localhost:5100.\n"
    "\n"
    "  --listen ADDR:PORT       where clients connect; may be repeated\n"
    "                           (127.0.0.1:5100 and [::1]:5100); port 0: any\n"
    "  --admin ADDR:PORT|off    /healthz and /readyz (127.0.0.1:5101)\n"
    "  --registry HOST          ACCOUNT.dkr.ecr.REGION.amazonaws.com, repeatable;\n"
    "                           the first is the default (the AWS identity's own)\n"
    "  --registry-endpoint URL  http(s)://ADDR:PORT to dial in place of the registry\n"
    "  --state-dir DIR          taken for what will be kept there; nothing is yet\n"
    "  --unsafe-listen          allow addresses beyond loopback: whoever reaches them\n"
    "                           pushes with your AWS identity\n"
    "  --log-level LEVEL        debug, info, warn or error (info)\n"
    "  --log-format FORMAT      text or json (text)\n"
    "  --timeout SECONDS        wait: give up after that long (60)\n"
    "  --help, --version\n"
    "\n"
    "AWS keys, region and endpoints are taken from AWS_* and ~/.aws.\n"
    "\n"
    "Exit codes: 0 done; 1 failed; 2 wrong command line; 3 an address cannot be used;\n"
    "4 no AWS credentials; 5 no such registry or region, or wrong AWS settings;\n"
    "6 AWS did not answer at start.\n";

enum {
	OPT_LISTEN = 256,
	OPT_ADMIN,
	OPT_REGISTRY,
	OPT_REGISTRY_ENDPOINT,
	OPT_STATE_DIR,
	OPT_UNSAFE_LISTEN,
	OPT_LOG_LEVEL,
	OPT_LOG_FORMAT,
	OPT_TIMEOUT,
	OPT_HELP,
	OPT_VERSION,
};

static const struct option serve_options[] = {
    {"listen", required_argument, NULL, OPT_LISTEN},
    {"admin", required_argument, NULL, OPT_ADMIN},
    {"registry", required_argument, NULL, OPT_REGISTRY},
    {"registry-endpoint", required_argument, NULL, OPT_REGISTRY_ENDPOINT},
    {"state-dir", required_argument, NULL, OPT_STATE_DIR},
    {"unsafe-listen", no_argument, NULL, OPT_UNSAFE_LISTEN},
    {"log-level", required_argument, NULL, OPT_LOG_LEVEL},
    {"log-format", required_argument, NULL, OPT_LOG_FORMAT},
    {"help", no_argument, NULL, OPT_HELP},
    {"version", no_argument, NULL, OPT_VERSION},
    {},
};

static const struct option wait_options[] = {
    {"admin", required_argument, NULL, OPT_ADMIN},
    {"timeout", required_argument, NULL, OPT_TIMEOUT},
    {"help", no_argument, NULL, OPT_HELP},
    {},
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

static int parse_timeout(const char *text, unsigned *ret, struct err *e)
{
	char *end;
	long seconds = strtol(text, &end, 10);

	if (end == text || *end != '\0' || seconds < 1 || seconds > WAIT_MAX_S)
		return err_set(e, -EINVAL, "--timeout: %s is not a number of seconds from 1 to %d",
		    text, WAIT_MAX_S);
	*ret = (unsigned)seconds;
	return 0;
}

static int take(struct options *options, int opt, const char *value, struct err *e)
{
	switch (opt) {
	case OPT_LISTEN:
		return add(options->listen, "listen", value, e);
	case OPT_REGISTRY:
		return add(options->registries, "registry", value, e);
	case OPT_ADMIN:
		options->admin = strcmp(value, "off") == 0 ? NULL : value;
		return 0;
	case OPT_REGISTRY_ENDPOINT:
		options->registry_endpoint = value;
		return 0;
	case OPT_STATE_DIR: /* scripts and units may give it from the first version on */
		return 0;
	case OPT_UNSAFE_LISTEN:
		options->unsafe_listen = true;
		return 0;
	case OPT_LOG_LEVEL:
		if (log_level_parse(value, &options->log_level) < 0)
			return err_set(e, -EINVAL,
			    "--log-level: %s is none of debug, info, warn, error", value);
		return 0;
	case OPT_LOG_FORMAT:
		if (log_format_parse(value, &options->log_format) < 0)
			return err_set(
			    e, -EINVAL, "--log-format: %s is neither text nor json", value);
		return 0;
	case OPT_TIMEOUT:
		return parse_timeout(value, &options->wait_timeout_s, e);
	case OPT_HELP:
		options->command = COMMAND_HELP;
		return 0;
	default:
		options->command = COMMAND_VERSION;
		return 0;
	}
}

/* getopt's own messages come as several lines without a remedy: opterr is off. */
static int parse_options(
    int argc, char **argv, const struct option *known, struct options *options, struct err *e)
{
	opterr = 0;
	optind = 1;
	for (;;) {
		int at = optind;
		int opt = getopt_long(argc, argv, "+:", known, NULL);
		int r;

		if (opt == -1)
			break;
		if (opt == ':')
			return err_set(e, -EINVAL, "%s wants a value (see --help)", argv[at]);
		if (opt == '?')
			return err_set(e, -EINVAL,
			    "%s is unknown, ambiguous or takes no value (see --help)", argv[at]);
		r = take(options, opt, optarg, e);
		if (r < 0)
			return r;
	}
	if (optind < argc)
		return err_set(e, -EINVAL, "%s is not expected here (see --help)", argv[optind]);
	return 0;
}

int options_parse(int argc, char **argv, struct options *ret, struct err *e)
{
	struct options options = {
	    .command = COMMAND_SERVE,
	    .admin = "127.0.0.1:5101",
	    .log_level = LOG_LEVEL_INFO,
	    .log_format = LOG_FORMAT_TEXT,
	    .wait_timeout_s = WAIT_DEFAULT_S,
	};
	const struct option *known = serve_options;
	int r;

	if (argc > 1 && argv[1][0] != '-') {
		if (strcmp(argv[1], "wait") == 0) {
			options.command = COMMAND_WAIT;
			known = wait_options;
		} else if (strcmp(argv[1], "serve") != 0) {
			return err_set(e, -EINVAL, "%s is no command (see --help)", argv[1]);
		}
		argc--;
		argv++;
	}
	r = parse_options(argc, argv, known, &options, e);
	if (r < 0)
		return r;
	if (options.registry_endpoint && (!options.registries[0] || options.registries[1]))
		return err_set(e, -EINVAL, "--registry-endpoint goes with exactly one --registry");
	if (options.command == COMMAND_WAIT && !options.admin)
		return err_set(e, -EINVAL, "wait needs the address of the admin listener");
	*ret = options;
	return 0;
}

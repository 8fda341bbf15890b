#include "repos.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "configuration.h"
#include "created_lines.h"
#include "environment.h"
#include "log.h"
#include "state_dir.h"
#include "timefmt.h"

/* Read twice: a table's columns are as wide as what is in them. */
struct table {
	int repository_width, rule_width;
};

static int wider(int width, size_t len)
{
	return (int)len > width ? (int)len : width;
}

static int measure(const struct creation_record *record, const char *line, void *userdata)
{
	struct table *table = userdata;

	table->repository_width = wider(table->repository_width,
	    strlen(record->registry) + strlen("/") + strlen(record->repository));
	table->rule_width = wider(table->rule_width, record->rule ? strlen(record->rule) : 0);
	return 0;
}

static int print_row(const struct creation_record *record, const char *line, void *userdata)
{
	const struct table *table = userdata;
	_cleanup_str_ struct str name = {}, row = {}, shown = {};
	char time[TIME_ISO_SIZE];
	int r;

	time_format_iso(record->time_ms, time);
	r = str_appendf(&name, "%s/%s", record->registry, record->repository);
	if (r >= 0)
		r = str_appendf(&row, "%.19sZ  %-*s  %-*s  %s", time, table->repository_width,
		    str_text(&name), table->rule_width, record->rule ? record->rule : "-",
		    record->user ? record->user : "-");
	if (r >= 0)
		r = log_escape(&shown, str_text(&row));
	if (r < 0)
		return r;
	return puts(shown.data) < 0 ? -errno : 0;
}

static int print_line(const struct creation_record *record, const char *line, void *userdata)
{
	return puts(line) < 0 ? -errno : 0;
}

static int print(const char *state_dir, bool json)
{
	struct table table = {strlen("REPOSITORY"), strlen("RULE")};
	bool torn;
	int r;

	if (json)
		return created_lines_read(state_dir, print_line, NULL, &torn);
	r = created_lines_read(state_dir, measure, &table, &torn);
	if (r < 0)
		return r;
	printf("%-20s  %-*s  %-*s  USER\n", "TIME", table.repository_width, "REPOSITORY",
	    table.rule_width, "RULE");
	return created_lines_read(state_dir, print_row, &table, &torn);
}

/* Root, who alone can read it, is shown that of the machine's service, where there is one. */
static int default_state_dir(char **ret, struct err *e)
{
	static const char of_service[] = "/var/lib/ecr-upsertd";

	if (!getenv("STATE_DIRECTORY") && !getenv("XDG_STATE_HOME") &&
	    access(of_service, X_OK) == 0)
		return str_dup(of_service, ret);
	return state_dir_default(environment, ret, e);
}

/* *ret is free()d; else a line on stderr. */
static enum exit_code find_state_dir(const struct options *options, char **ret)
{
	_cleanup_(config_freep) struct config *config = NULL;
	_cleanup_(freep) char *path = NULL;
	_cleanup_str_ struct str problems = {};
	struct err e = {.text = "out of memory"};
	enum exit_code code;
	int r = 0;

	code = configuration_load(options, &config, &path, &problems);
	if (code != EXIT_CODE_DONE) {
		fputs(str_text(&problems), stderr);
		return code;
	}
	if (config->state_dir)
		*ret = strdup(config->state_dir);
	else
		r = default_state_dir(ret, &e);
	if (r == 0 && *ret)
		return EXIT_CODE_DONE;
	fprintf(stderr, "ecr-upsertd: %s\n", e.text);
	return EXIT_CODE_STATE;
}

enum exit_code repos(const struct options *options)
{
	_cleanup_(freep) char *state_dir = NULL;
	enum exit_code code = find_state_dir(options, &state_dir);
	int r;

	if (code != EXIT_CODE_DONE)
		return code;
	r = print(state_dir, options->json);
	if (r == 0 && fflush(stdout) != 0)
		r = -errno;
	if (r == 0)
		return EXIT_CODE_DONE;
	fprintf(stderr, "ecr-upsertd: %s/" CREATED_FILE ": %s\n", state_dir, strerror(-r));
	return EXIT_CODE_STATE;
}
